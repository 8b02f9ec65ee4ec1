package main

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// newUntrusted is a site with a certificate that nobody vouches for: a feed, a
// page that names it, a listing and its articles.
func newUntrusted(t *testing.T) *httptest.Server {
	t.Helper()
	pages := map[string]string{
		"/tin":  rss(feedItem),
		"/":     html(`<link rel="alternate" type="application/rss+xml" href="/tin">`, ""),
		"/muc":  html("", `<ul><li><h3><a href="/a/bai-viet-thu-nhat-100001.html">Bài viết thứ nhất của cổng</a></h3></li><li><h3><a href="/a/bai-viet-thu-hai-100002.html">Bài viết thứ hai của cổng</a></h3></li><li><h3><a href="/a/bai-viet-thu-ba-100003.html">Bài viết thứ ba của cổng</a></h3></li></ul>`),
		"/cong": html("", `<p>Trang đang được xây dựng.</p>`),
	}
	for i, slug := range []string{"thu-nhat", "thu-hai", "thu-ba"} {
		pages[fmt.Sprintf("/a/bai-viet-%s-10000%d.html", slug, i+1)] = html("", `<h1>Bài viết của cổng</h1><p>Ngày đăng: 16/11/2026</p><div>`+
			strings.Repeat("<p>Bà con trong xã đã thu hoạch xong vụ mùa, lúa đầy kho, ai cũng vui.</p>", 5)+`</div>`)
	}
	o := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, ok := pages[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write([]byte(body))
	}))
	o.Config.ErrorLog = log.New(io.Discard, "", 0)
	o.StartTLS()
	t.Cleanup(o.Close)
	return o
}

// What a person looks at is fetched as the daemon fetches it: the exception of a
// source is one for its host, and without it the error says what can be done.
func TestPreviewAndDiscoverWithTheTLSException(t *testing.T) {
	o := newUntrusted(t)
	tests := map[string]struct {
		args []string
		want string // in the output
	}{
		"preview of a source by its id":          {[]string{"preview", "tin"}, "Khánh thành cầu Sông Cầu"},
		"preview of a source by its address":     {[]string{"preview", o.URL + "/tin"}, "Khánh thành cầu Sông Cầu"},
		"preview of a page source and its pages": {[]string{"preview", "muc"}, "thu hoạch xong vụ mùa"},
		"preview of another page of the host":    {[]string{"preview", o.URL + "/a/bai-viet-thu-nhat-100001.html"}, "thu hoạch xong vụ mùa"},
		"discover the host":                      {[]string{"discover", o.URL + "/"}, "tls: insecure"},
		"discover a feed of the host":            {[]string{"discover", o.URL + "/tin"}, "tls: insecure"},
		"discover a page of the host":            {[]string{"discover", o.URL + "/muc"}, "tls: insecure"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, config := workplace(t, o.URL, "tin", "muc")
			rewrite(t, config, fmt.Sprintf("feed: %q", o.URL+"/muc"), fmt.Sprintf("page: %q", o.URL+"/muc"))
			rewrite(t, config, "full_text: never", "full_text: auto")
			args := append([]string{"-c", config}, test.args...)
			out, err := call(t, args...)
			if exitCode(err) != 1 || !strings.Contains(err.Error(), "tls: insecure") || !strings.Contains(err.Error(), "certificate") {
				t.Errorf("without the exception: %v, want an error that names the remedy: %s", err, out)
			}
			rewrite(t, config, "full_text: auto", "tls: insecure")
			if out, err = call(t, args...); err != nil || !strings.Contains(out, test.want) {
				t.Errorf("with the exception: %v, want %q: %s", err, test.want, out)
			}
			if test.args[0] == "discover" {
				if got := pasted(t, out); len(got) != 1 || !got[0].InsecureTLS {
					t.Errorf("got %+v, want a source with the exception:\n%s", got, out)
				}
			}
		})
	}
	t.Run("discover a host that answers nothing", func(t *testing.T) {
		_, config := workplace(t, "https://bao.example", "tin")
		rewrite(t, config, "full_text: never", "tls: insecure")
		if out, err := call(t, "-c", config, "discover", o.URL+"/"); err == nil || !strings.Contains(err.Error(), "tls: insecure") {
			t.Errorf("the exception of another host: %v: %s", err, out)
		}
	})
}

func TestPreviewOfNothing(t *testing.T) {
	_, config := workplace(t, "https://bao.example", "tin")
	_, err := call(t, "-c", config, "preview", "tim")
	if exitCode(err) != 1 || !strings.Contains(err.Error(), "tim") || !strings.Contains(err.Error(), "bantin status") {
		t.Errorf("got %v, want a word on the sources that there are", err)
	}
}
