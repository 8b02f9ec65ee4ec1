package normalizer

import (
	"regexp"
	"strings"

	"bantin/internal/vietnamese"
)

// takeCaptions puts the line below a picture under it as its caption, where it
// looks like one.
func (a *arrangement) takeCaptions() bool {
	changed := false
	for i := 0; i+1 < len(a.blocks); i++ {
		if a.blocks[i].kind != figureBlock || a.blocks[i+1].kind != textBlock {
			continue
		}
		figure, text := &a.blocks[i], &a.blocks[i+1]
		for len(text.lines) > 0 && a.isCaptionLine(i+1, figure) {
			figure.addCaption(text.lines[0].text)
			text.lines = text.lines[1:]
			changed = true
		}
	}
	a.blocks = compact(a.blocks)
	return changed
}

// addCaption puts a line under a picture. One that only says who made the picture
// is its credit, and no word of what it shows.
func (b *block) addCaption(text string) {
	if isCredit(text) {
		b.credit = vietnamese.Clean(b.credit + " " + text)
		return
	}
	b.image.Caption = vietnamese.Clean(b.image.Caption + " " + text)
}

// captionOfCredit makes the credit the caption that it stands for, where it names
// nobody: "Ảnh minh họa" says what the picture is.
func (b *block) captionOfCredit() {
	if b.image.Caption == "" && !strings.Contains(b.credit, ":") {
		b.image.Caption, b.credit = b.credit, ""
	}
}

// captionText is all that stands under a picture.
func (b *block) captionText() string {
	return vietnamese.Clean(b.image.Caption + " " + b.credit)
}

// maxPlainCaptionWords is for captions that nothing but their shortness and the
// missing full stop tells from a paragraph. The reference article's has 14.
const maxPlainCaptionWords = 30

// maxCaptionBytes spares paragraphs the count of their words: few words have
// more than ten bytes.
const maxCaptionBytes = 12 * maxCaptionWords

// isCaptionLine reports whether the first line of the text block at i is the
// caption of the picture before it, or the credit after the caption.
func (a *arrangement) isCaptionLine(i int, figure *block) bool {
	first := &a.blocks[i].lines[0]
	if len(first.text) > maxCaptionBytes {
		return false
	}
	if strings.HasSuffix(first.text, ":") || isTime(first.text) {
		return false
	}
	words := len(strings.Fields(first.text))
	if isCredit(first.text) {
		return len(strings.Fields(figure.captionText()))+words <= maxCaptionWords
	}
	if figure.image.Caption != "" || figure.credit != "" || a.blocks[i].tag != "p" || !a.hasOtherText(i) {
		return false
	}
	if first.centred || first.isAll("em") {
		return words <= maxPlainCaptionWords || words <= maxCaptionWords && (!endsSentence(first.text) || creditInside.MatchString(first.text))
	}
	if words <= maxPlainCaptionWords && !a.isHeading(i) && a.looksOtherwise(i) && a.hasTextAfter(i) {
		return true
	}
	return words <= maxPlainCaptionWords && !endsClause(first.text) && a.hasTextAfter(i) && !a.isHeading(i)
}

// clockLine is a line that is a time of day and nothing else.
var clockLine = regexp.MustCompile(`^\d{1,2} ?[:hg] ?\d{2}(?:'|ph|p)?$`)

// isTime reports whether a line is a date or a time and nothing else.
func isTime(text string) bool {
	return len(text) <= maxDateBytes && (clockLine.MatchString(text) || dateShape.ReplaceAllString(text, "") == "")
}

// looksOtherwise reports whether the page gives the text at i a class of its own,
// that no paragraph has.
func (a *arrangement) looksOtherwise(i int) bool {
	from := a.blocks[i].lines[0].from
	if from == nil {
		return false
	}
	if a.classes == nil {
		a.classes = map[string]bool{"": true}
		eachLine(a.blocks, func(one *block, j int) {
			if l := &one.lines[j]; l.from != nil && isParagraph(l.text) {
				a.classes[attr(blockOf(l.from), "class")] = true
			}
		})
	}
	return !a.classes[attr(blockOf(from), "class")]
}

// hasOtherText reports whether there is a line besides the first of block i.
func (a *arrangement) hasOtherText(i int) bool {
	if len(a.blocks[i].lines) > 1 {
		return true
	}
	for j := range a.blocks {
		if j != i && a.blocks[j].kind == textBlock && len(a.blocks[j].lines) > 0 {
			return true
		}
	}
	return false
}

func (a *arrangement) hasTextAfter(i int) bool {
	if len(a.blocks[i].lines) > 1 {
		return true
	}
	for _, one := range a.blocks[i+1:] {
		if one.kind == textBlock && len(one.lines) > 0 {
			return true
		}
	}
	return false
}
