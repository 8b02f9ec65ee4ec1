package demo

import (
	"bytes"
	"net/http"
	"strings"
)

// A brokenSource answers what a reader must survive.
type brokenSource struct {
	Path string
	Why  string // for the index page
	document
}

// brokenSources lists them, the one that the configuration names first. One of
// them serves the given feed, cut off.
func brokenSources(feed document) []brokenSource {
	return []brokenSource{
		{"/trang-thu-thach/rss/home.rss", "trả về mã thử thách với trạng thái 200", fixed(challenge())},
		{"/hong/loi-500.rss", "luôn báo lỗi 500", failing("<h1>Lỗi máy chủ</h1>")},
		{"/hong/rong.rss", "trả về thân rỗng", fixed("")},
		{"/hong/rac.rss", "trả về dữ liệu nhị phân vô nghĩa", fixed("\x1f\x00\x8b\xff\xfe rác \xc3\x28 <<<>>> &&& \x01\x02")},
		{"/hong/trang-web.rss", "trả về một trang HTML", fixed("<!DOCTYPE html><html><body><h1>Trang chủ</h1></body></html>")},
		{"/hong/cut.rss", "bản tin bị cắt giữa chừng", cut(feed)},
		{"/hong/bom.rss", "thẻ lồng nhau gần hai triệu tầng", document{
			contentType: "text/xml",
			render:      func(string) ([]byte, error) { return nestingBomb(), nil },
		}},
	}
}

// challenge is a page that sets a cookie by script and loads itself again: what
// some hosts send with status 200 in place of the feed to a client that runs no
// scripts.
func challenge() string {
	return `<html><body><script>document.cookie="D1N=0123456789abcdef0123456789abcdef"+"; path=/";` +
		`window.location.reload(true);</script></body></html>`
}

func fixed(body string) document {
	return document{
		contentType: "text/html",
		render:      func(string) ([]byte, error) { return []byte(body), nil },
	}
}

func failing(body string) document {
	d := fixed(body)
	d.status = http.StatusInternalServerError
	return d
}

// cut serves the first two thirds of a feed as if they were all.
func cut(feed document) document {
	return document{
		contentType: "application/rss+xml",
		render: func(base string) ([]byte, error) {
			body, err := feed.render(base)
			return body[:len(body)*2/3], err
		},
	}
}

// nestingBomb is a feed of just under 10 MB, the size that a fetcher accepts,
// whose elements are nested so deep that a recursive parser overflows its stack.
func nestingBomb() []byte {
	const depth = 1_900_000 // times the five bytes of <x:y> make 9.5 MB
	var b bytes.Buffer
	b.WriteString(`<rss version="2.0" xmlns:x="urn:x"><channel><item>`)
	b.WriteString(strings.Repeat("<x:y>", depth))
	return b.Bytes()
}
