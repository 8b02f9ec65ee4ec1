package demo

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"time"
)

//go:embed sources
var embedded embed.FS

// Handler serves the sample sources, with a page at / that lists them. It
// panics when the embedded files are wrong, which a test would have found.
func Handler() http.Handler {
	h, err := newOrigin()
	if err != nil {
		panic(err)
	}
	return h
}

// An origin is the web server of all sample sources.
type origin struct {
	documents map[string]document // by path, with the query where it matters
}

// A document is one thing that the origin serves.
type document struct {
	contentType string
	modified    time.Time // zero for none
	etag        etagKind
	status      int // zero for 200
	render      func(base string) ([]byte, error)
}

func newOrigin() (*origin, error) {
	files, err := fs.Sub(embedded, "sources")
	if err != nil {
		return nil, err
	}
	templates, err := readShelf(files)
	if err != nil {
		return nil, err
	}
	papers, err := readPapers(files)
	if err != nil {
		return nil, err
	}
	o := &origin{documents: make(map[string]document)}
	for _, p := range papers {
		o.addPaper(p, templates)
	}
	feed := o.documents["/bao-song-cam/rss/tin-moi.rss"]
	for _, b := range brokenSources(feed) {
		o.documents[b.Path] = b.document
	}
	o.addIndex(papers, templates)
	return o, nil
}

// addPaper adds everything that one paper serves.
func (o *origin) addPaper(p *paper, templates *shelf) {
	root := "/" + p.ID
	for n := range p.pages() {
		number := n + 1
		o.documents[root+p.pagePath(number)] = document{
			contentType: p.Type, modified: p.newest(), etag: p.ETag,
			render: func(base string) ([]byte, error) {
				return templates.render(p.ID+"/"+p.Template, view{Origin: base, Paper: p, Posts: p.page(number), Page: number})
			},
		}
	}
	o.documents[root+"/logo.svg"] = document{
		contentType: "image/svg+xml", etag: strong,
		render: func(base string) ([]byte, error) {
			return templates.render("logo.svg", view{Origin: base, Paper: p})
		},
	}
	o.documents[root+"/"] = o.frontPage(p, templates)
	for _, article := range p.Posts {
		o.addArticle(p, article, templates)
	}
}

// frontPage is the listing of a portal, and a page of its own for a paper.
func (o *origin) frontPage(p *paper, templates *shelf) document {
	if p.isPortal() {
		return o.documents["/"+p.ID+p.Path]
	}
	return document{
		contentType: "text/html; charset=utf-8", modified: p.newest(), etag: strong,
		render: func(base string) ([]byte, error) {
			return templates.render("home.html", view{Origin: base, Paper: p, Posts: p.Posts})
		},
	}
}

func (o *origin) addArticle(p *paper, article *post, templates *shelf) {
	root := "/" + p.ID
	o.documents[root+article.path] = document{
		contentType: "text/html; charset=utf-8", modified: article.Published, etag: p.ETag,
		render: func(base string) ([]byte, error) {
			return templates.render(templates.articleTemplate(p), view{Origin: base, Paper: p, Post: article})
		},
	}
	if !article.HasPicture {
		return
	}
	o.documents[root+article.picture] = document{
		contentType: "image/jpeg", modified: article.Published, etag: strong,
		render: article.draw,
	}
}

// draw makes the picture of the article; it is the same on every server.
func (p *post) draw(string) ([]byte, error) {
	return landscape(p.slug())
}

// addIndex adds the page that lists the sources, and the style of all pages.
func (o *origin) addIndex(papers []*paper, templates *shelf) {
	broken := brokenSources(document{})
	o.documents["/"] = document{
		contentType: "text/html; charset=utf-8", etag: strong,
		render: func(base string) ([]byte, error) {
			return templates.render("index.html", struct {
				Origin string
				Papers []*paper
				Broken []brokenSource
			}{base, papers, broken})
		},
	}
	o.documents["/paper.css"] = document{
		contentType: "text/css; charset=utf-8", etag: strong,
		render: func(string) ([]byte, error) { return templates.render("paper.css", nil) },
	}
}

// ServeHTTP answers with the document of the path and query, else of the path:
// pictures are asked for with sizes, links with tracking parameters.
func (o *origin) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "only GET and HEAD", http.StatusMethodNotAllowed)
		return
	}
	doc, ok := o.documents[r.URL.Path+"?"+r.URL.RawQuery]
	if !ok {
		doc, ok = o.documents[r.URL.Path]
	}
	if !ok {
		http.NotFound(w, r)
		return
	}
	body, err := doc.render("http://" + r.Host)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	doc.serve(w, r, body)
}

// serve writes the body with its validators; http.ServeContent does the
// conditional requests (RFC 9110 §13).
func (d document) serve(w http.ResponseWriter, r *http.Request, body []byte) {
	w.Header().Set("Content-Type", d.contentType)
	if d.status != 0 {
		w.WriteHeader(d.status)
		if r.Method != http.MethodHead {
			_, _ = w.Write(body) // the client has gone: nobody is left to tell
		}
		return
	}
	if tag := d.etag.of(body); tag != "" {
		w.Header().Set("ETag", tag)
	}
	http.ServeContent(w, r, "", d.modified, bytes.NewReader(body))
}

// of makes the entity tag of a body, or nothing.
func (k etagKind) of(body []byte) string {
	sum := sha256.Sum256(body)
	tag := fmt.Sprintf("%q", hex.EncodeToString(sum[:8]))
	switch k {
	case strong:
		return tag
	case weak:
		return "W/" + tag
	case noETag:
		return ""
	}
	return ""
}
