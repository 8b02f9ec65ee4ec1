package publisher

import (
	"bytes"
	"net/http"
	"path"
	"strconv"
	"strings"
)

// Handler serves the site that current returns at each request; nil means that
// none has been rendered yet. It expects to be the root of its server.
func Handler(current func() *Site) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		setCommonHeaders(w.Header())
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD") // RFC 9110 §15.5.6
			http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
			return
		}
		site := current()
		if site == nil {
			w.Header().Set("Retry-After", "10") // seconds; the first rendering takes a few
			http.Error(w, "the first outputs are being made", http.StatusServiceUnavailable)
			return
		}
		// Readers ask for the same feed all day and providers cache by this. Five
		// minutes keep a burst of readers off the server and are far below the
		// interval at which sources are fetched, so news are hardly later for it.
		w.Header().Set("Cache-Control", "public, max-age=300")
		site.serve(w, r)
	})
}

// serve looks the path up as it is and never on a disk, so no trick with dots or
// slashes leads anywhere.
func (s *Site) serve(w http.ResponseWriter, r *http.Request) {
	if f, ok := s.files[r.URL.Path]; ok {
		serveFile(w, r, f)
		return
	}
	if _, ok := s.files[r.URL.Path+"/"]; ok {
		// Relative, so that it holds behind a proxy that serves us under a path.
		w.Header().Set("Location", path.Base(r.URL.Path)+"/")
		w.WriteHeader(http.StatusMovedPermanently)
		return
	}
	s.serveNotFound(w, r)
}

func (s *Site) serveNotFound(w http.ResponseWriter, r *http.Request) {
	w.Header().Del("Cache-Control") // it may be there in a minute
	w.Header().Set("Content-Type", s.notFound.ContentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(s.notFound.Body)))
	w.WriteHeader(http.StatusNotFound)
	if r.Method != http.MethodHead {
		_, _ = w.Write(s.notFound.Body) // the reader has gone; there is nobody to tell
	}
}

// serveFile leaves conditions and ranges (RFC 9110 §13, §14) to net/http.
func serveFile(w http.ResponseWriter, r *http.Request, f *File) {
	h, content, tag := w.Header(), f.Body, f.ETag
	if f.Gzip != nil && acceptsGzip(r.Header.Values("Accept-Encoding")) {
		content, tag = f.Gzip, f.GzipETag
		h.Set("Content-Encoding", "gzip")
		// ServeContent tells no length of encoded content, as it might be encoded
		// on the way; ours is ready. It would also stay on a 412, which has no body.
		if r.Header.Get("If-Match") == "" && r.Header.Get("If-Unmodified-Since") == "" {
			h.Set("Content-Length", strconv.Itoa(len(content)))
		}
	}
	h.Set("Content-Type", f.ContentType)
	h.Set("ETag", tag)
	http.ServeContent(w, r, "", f.LastModified, bytes.NewReader(content))
}

// setCommonHeaders says of every answer what a browser may do with it: show
// text, our stylesheet and images from anywhere, and nothing else. Whatever a
// source smuggled in, no script, frame or form of it works.
func setCommonHeaders(h http.Header) {
	h.Set("Content-Security-Policy", "default-src 'none'; img-src http: https:; style-src 'self'; "+
		"base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer") // which channel one reads is nobody's business
	h.Set("Vary", "Accept-Encoding")        // on 304 and errors too (RFC 9110 §12.5.5)
}

// acceptsGzip reports whether gzip is at least as welcome as no encoding (RFC 9110 §12.5.3).
func acceptsGzip(fields []string) bool {
	const unnamed = -1.0
	gzip, identity, other := unnamed, unnamed, unnamed
	for field := range strings.SplitSeq(strings.Join(fields, ","), ",") {
		coding, parameters, _ := strings.Cut(field, ";")
		q := quality(parameters)
		switch strings.ToLower(strings.TrimSpace(coding)) {
		case "gzip", "x-gzip":
			gzip = q
		case "identity":
			identity = q
		case "*":
			other = q
		}
	}
	if gzip == unnamed {
		gzip = other
	}
	return gzip > 0 && gzip >= identity
}

// quality is the weight of a coding (RFC 9110 §12.4.2). One that cannot be read
// counts as a refusal: everybody can read the plain bytes.
func quality(parameters string) float64 {
	name, value, _ := strings.Cut(strings.TrimSpace(parameters), "=")
	if name == "" {
		return 1
	}
	q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	if !strings.EqualFold(strings.TrimSpace(name), "q") || err != nil || q < 0 || q > 1 {
		return 0
	}
	return q
}
