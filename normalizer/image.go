package normalizer

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"bantin/internal/article"
	"bantin/internal/vietnamese"
)

// maxCaptionWords is above the longest captions of the press, which name
// everybody in the picture.
const maxCaptionWords = 60

// maxIconPixels is the side of the largest icons; pictures of articles are many
// times wider. One pixel is a counter and not a picture at all.
const maxIconPixels = 32

// img writes a picture before the paragraph that it opens, or after the one that
// it stands in.
func (r *reader) img(n *html.Node) {
	source := r.source(n)
	if r.blind || source == "" || isIcon(n) || isFace(n) {
		return
	}
	figure := block{
		kind:  figureBlock,
		image: article.Image{URL: source},
		alt:   vietnamese.Clean(attr(n, "alt")),
		from:  n,
	}
	if r.hasText || len(r.current.lines) > 0 {
		r.waiting = append(r.waiting, figure)
		return
	}
	r.blocks = append(r.blocks, figure)
}

// source is the address of a picture. Pages that load pictures late keep it in
// another attribute and a placeholder in src.
func (r *reader) source(n *html.Node) string {
	for _, name := range []string{"data-src", "data-original", "data-lazy-src"} {
		if link := r.pictureLink(attr(n, name)); link != "" {
			return link
		}
	}
	for i := range n.Attr { // each script that loads pictures late has a name of its own for it
		if one := &n.Attr[i]; strings.HasPrefix(one.Key, "data-") && hasImageName(one.Val) {
			if link := r.pictureLink(one.Val); link != "" {
				return link
			}
		}
	}
	if link := r.pictureLink(attr(n, "src")); link != "" {
		return link
	}
	first, _, _ := strings.Cut(strings.TrimSpace(attr(n, "srcset")), " ")
	return r.pictureLink(strings.TrimSuffix(first, ","))
}

// pictureLink is the absolute form of the address of a picture. Where nothing
// tells what it is relative to it stays a relative path: a picture that went
// would leave its caption among the paragraphs.
func (r *reader) pictureLink(link string) string {
	base := r.base
	if !r.hasBase() {
		base = &url.URL{Scheme: "https"} // of //host/path
	}
	if resolved := resolveLink(base, link); isWeb(resolved) {
		return resolved
	}
	if r.hasBase() || !isRelative(link) {
		return ""
	}
	return trimLink(dropControls(link))
}

// isRelative reports whether a link is a relative path.
func isRelative(link string) bool {
	return relativePath.MatchString(trimLink(dropControls(link)))
}

func isIcon(n *html.Node) bool {
	width, height := pixels(n, "width"), pixels(n, "height")
	if width == 1 || height == 1 {
		return true
	}
	return width <= maxIconPixels && height <= maxIconPixels && width+height > 0
}

// isFace reports whether a picture is the face of the author: it stands in a small
// element that is called the author's.
func isFace(n *html.Node) bool {
	for range authorLevels + 1 {
		if n == nil || n.DataAtom == atom.Body {
			return false
		}
		if authorNames.MatchString(attr(n, "class")) && shownSize(n, maxBylineBytes) <= maxBylineBytes {
			return true
		}
		n = n.Parent
	}
	return false
}

// isToolPicture reports whether a picture is by its name a button, an icon or the
// face of the author. No camera makes a GIF.
func isToolPicture(link string) bool {
	path, _, _ := strings.Cut(strings.ToLower(link), "?")
	return strings.HasSuffix(path, ".gif") || strings.HasSuffix(path, ".svg") || buttonImage.MatchString(path) || ownImage.MatchString(path)
}

// buttonImage is how pictures of buttons are called.
var buttonImage = regexp.MustCompile(`(?:^|[/_-])(?:button|btn|print|printer|e?mail|pdf|share|icon|save|rss|zalo|facebook|twitter)s?[._-]`)

// pixels is a length of a picture, 0 when unknown. A width of 0 is as much a
// counter as one of 1.
func pixels(n *html.Node, name string) int {
	text := strings.TrimSuffix(strings.TrimSpace(attr(n, name)), "px")
	if text == "" {
		_, text, _ = strings.Cut(squeeze(attr(n, "style")), name+":")
		text, _, _ = strings.Cut(text, ";")
		text, _ = strings.CutSuffix(text, "px")
	}
	length, err := strconv.Atoi(text)
	if err != nil {
		return 0
	}
	return max(length, 1)
}

// figure reads a figure element: pictures with the text that belongs to them.
// Editors' tools also put tables and films into figures.
func (r *reader) figure(n *html.Node) {
	if !hasImage(n) {
		r.paragraph(n)
		return
	}
	r.captionBox(n)
}

// pictureName is how elements are called that hold a picture and its caption.
var pictureName = regexp.MustCompile(`(?i)(?:^|[\s_-])(?:picture|photo|image|img|anh|hinh|hinh-?anh)(?:$|[\s_-])`)

// isPictureBox reports whether an element is called after the one picture in it,
// below which all its text stands.
func (r *reader) isPictureBox(n *html.Node) bool {
	if isInline(n.DataAtom) || n.DataAtom == atom.P || !pictureName.MatchString(attr(n, "class")) || shownSize(n, maxCaptionBytes) > maxCaptionBytes {
		return false
	}
	pictures := images(n, r.skip)
	if len(pictures) != 1 || isIcon(pictures[0]) || len(titlesAndForms().find(n)) > 0 {
		return false
	}
	for at := pictures[0]; at != n; at = at.Parent {
		for before := at.PrevSibling; before != nil; before = before.PrevSibling {
			if shownSize(before, maxCaptionBytes) > 0 {
				return false
			}
		}
	}
	return true
}

// captionBox reads an element that holds a picture and its caption, or only the
// caption of the picture before it. One that holds more is no caption.
func (r *reader) captionBox(n *html.Node) {
	r.place.caption = false
	caption := vietnamese.Clean(textOf(n, r.skip))
	if len(strings.Fields(caption)) > maxCaptionWords {
		r.paragraph(n)
		return
	}
	r.endText()
	for _, one := range images(n, r.skip) {
		r.img(one)
	}
	last := len(r.blocks) - 1
	switch {
	case caption == "":
	case last >= 0 && r.blocks[last].kind == figureBlock && r.blocks[last].captionText() == "":
		for _, text := range r.linesOf(n) {
			r.blocks[last].addCaption(text)
		}
		r.blocks[last].captionOfCredit()
	default:
		r.withoutImages(n)
	}
}

// linesOf are the lines of text in an element.
func (r *reader) linesOf(n *html.Node) []string {
	inner := reader{base: r.base, skip: r.skip, blind: true}
	inner.children(n)
	inner.endText()
	var texts []string
	for i := range inner.blocks {
		for j := range inner.blocks[i].lines {
			texts = append(texts, inner.blocks[i].lines[j].text)
		}
	}
	return texts
}

// withoutImages reads the text of an element whose pictures are read already.
func (r *reader) withoutImages(n *html.Node) {
	r.blind = true
	r.paragraph(n)
	r.blind = false
}

func hasImage(n *html.Node) bool {
	if n.DataAtom == atom.Img {
		return true
	}
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		if hasImage(child) {
			return true
		}
	}
	return false
}

func images(n *html.Node, skip map[*html.Node]bool) []*html.Node {
	var found []*html.Node
	var visit func(*html.Node)
	visit = func(n *html.Node) {
		if skip[n] {
			return
		}
		if n.DataAtom == atom.Img {
			found = append(found, n)
		}
		for child := n.FirstChild; child != nil; child = child.NextSibling {
			visit(child)
		}
	}
	visit(n)
	return found
}

// maxTextOf is the text that textOf reads of an element: many times a caption or
// a title, so that asking again at each level of a deep page costs nothing.
const maxTextOf = 4000

// textOf is the shown text under n, or its beginning, blocks and line breaks as
// spaces.
func textOf(n *html.Node, skip map[*html.Node]bool) string {
	var b strings.Builder
	var visit func(*html.Node)
	visit = func(n *html.Node) {
		switch {
		case n.Type == html.TextNode:
			b.WriteString(withoutEscapedSpaces(n.Data))
			return
		case skip[n] || isRaw(n.DataAtom) || isHidden(n):
			return
		case !isInline(n.DataAtom):
			b.WriteByte(' ')
			defer b.WriteByte(' ')
		}
		for child := n.FirstChild; child != nil && b.Len() <= maxTextOf; child = child.NextSibling {
			visit(child)
		}
	}
	visit(n)
	return b.String()
}

// video leaves a link where a page shows a film, since no film can be shown in
// an article. Frames of other kinds are maps, counters and advertisements.
func (r *reader) video(n *html.Node) {
	link := resolveLink(r.base, attr(n, "src"))
	if link == "" {
		link = resolveLink(r.base, attr(n, "data-src"))
	}
	for child := n.FirstChild; child != nil && link == ""; child = child.NextSibling {
		if child.DataAtom == atom.Source {
			link = resolveLink(r.base, attr(child, "src"))
		}
	}
	if !isWeb(link) || n.DataAtom != atom.Video && !isVideoSite(link) {
		return
	}
	r.endText()
	around := r.inline
	r.inline, r.pieces = nil, []piece{{kind: openPiece, tag: "a", text: link}}
	r.words(link)
	r.pieces = append(r.pieces, piece{kind: closePiece, tag: "a"})
	r.endText()
	r.inline, r.pieces = around, append(r.pieces, around...)
}

func isVideoSite(link string) bool {
	u, err := url.Parse(link)
	if err != nil {
		return false
	}
	switch strings.TrimPrefix(u.Hostname(), "www.") {
	case "youtube.com", "youtube-nocookie.com", "youtu.be", "player.vimeo.com", "dailymotion.com", "tiktok.com":
		return true
	case "facebook.com":
		return strings.Contains(u.Path, "/video")
	}
	return false
}

// resolveLink is the absolute form of a link, empty for a link that may not be
// kept: only http, https and mailto lead anywhere safe, and a link into the page
// itself leads nowhere once the article has left it.
func resolveLink(base *url.URL, link string) string {
	link = strings.TrimSpace(dropControls(link))
	if strings.HasPrefix(link, "#") {
		return ""
	}
	if mail, err := url.Parse(link); err == nil && mail.Scheme == "mailto" && mail.Opaque != "" {
		return strings.ReplaceAll(mail.String(), " ", "%20")
	}
	return resolve(base, link)
}

// dropControls takes out what browsers ignore in a link: control characters
// anywhere (WHATWG URL §4.4 drops tabs and newlines; the rest are illegal).
func dropControls(link string) string {
	return strings.Map(func(c rune) rune {
		if c < ' ' || c == 0x7f {
			return -1
		}
		return c
	}, link)
}

func isWeb(link string) bool {
	return strings.HasPrefix(link, "http://") || strings.HasPrefix(link, "https://")
}
