package publisher

import (
	"bytes"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Handler serves the site that current returns at each request; nil means that
// none has been rendered yet. It expects to be the root of its server.
func Handler(current func() *Site) http.Handler {
	common := commonFields()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		set(w.Header(), common)
		forScripts := strings.HasSuffix(r.URL.Path, "/"+jsonName)
		if forScripts {
			letScriptsRead(w.Header())
		}
		switch {
		case r.Method == http.MethodGet || r.Method == http.MethodHead:
		case r.Method == http.MethodOptions && forScripts:
			answerPreflight(w)
			return
		default:
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
		site.serve(w, r)
	})
}

// letScriptsRead lets the scripts of any page read an answer (CORS protocol of
// the Fetch standard §3.3): readers in a browser live in pages, and nothing here
// depends on who asks. ETag is not among what they may see otherwise.
func letScriptsRead(h http.Header) {
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Access-Control-Expose-Headers", "ETag, Link")
}

// answerPreflight says that a script may send conditions too.
func answerPreflight(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Allow", "GET, HEAD, OPTIONS")
	h.Set("Access-Control-Allow-Methods", "GET, HEAD")
	h.Set("Access-Control-Allow-Headers", "If-Match, If-Modified-Since, If-None-Match, If-Range, If-Unmodified-Since, Range")
	h.Set("Access-Control-Max-Age", "86400") // a day is the most that a browser keeps it
	w.WriteHeader(http.StatusNoContent)
}

// serve looks the path up as it is and never on a disk, so no trick with dots or
// slashes leads anywhere.
func (s *Site) serve(w http.ResponseWriter, r *http.Request) {
	if f, ok := s.files[r.URL.Path]; ok {
		serveFile(w, r, f, s.answers[r.URL.Path])
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

// serveFile answers what readers ask most, which is the whole document or
// whether it is still the one they have. Other conditions and ranges (RFC 9110
// §13, §14) are left to net/http.
func serveFile(w http.ResponseWriter, r *http.Request, f *File, answers []answer) {
	a := &answers[f.negotiate(r.Header["Accept-Encoding"])]
	h := w.Header()
	set(h, a.always)
	switch known := r.Header["If-None-Match"]; {
	case r.Header["If-Match"] != nil || r.Header["If-Unmodified-Since"] != nil:
		set(h, a.content)
		h.Del("Content-Length") // ServeContent would let it stay on a 412, which has no body
		serveCondition(w, r, f, a)
	case len(known) == 1 && known[0] == a.etag:
		w.WriteHeader(http.StatusNotModified) // without what is about the body (RFC 9110 §15.4.5)
	case known != nil || r.Header["Range"] != nil || r.Header["If-Modified-Since"] != nil:
		set(h, a.content)
		serveCondition(w, r, f, a)
	default:
		set(h, a.content)
		if r.Method == http.MethodGet {
			_, _ = w.Write(a.body) // the reader has gone; there is nobody to tell
		}
	}
}

func serveCondition(w http.ResponseWriter, r *http.Request, f *File, a *answer) {
	for _, name := range [...]string{"If-None-Match", "If-Match"} {
		if lines := r.Header[name]; len(lines) > 1 { // ServeContent reads the first only
			r.Header.Set(name, strings.Join(lines, ", "))
		}
	}
	http.ServeContent(w, r, "", f.LastModified, bytes.NewReader(a.body))
}

// An answer is a File in one encoding with its header fields. They are made once
// and shared by all requests, so nobody may write into their values.
type answer struct {
	body    []byte
	etag    string
	always  []field // on 304 as well
	content []field
}

type field struct {
	name   string // in canonical form
	values []string
}

func newField(name, value string) field {
	return field{http.CanonicalHeaderKey(name), []string{value}}
}

func set(h http.Header, fields []field) {
	for _, f := range fields {
		h[f.name] = f.values
	}
}

// prepare makes what all requests share.
func (s *Site) prepare() {
	s.answers = make(map[string][]answer, len(s.files))
	for path, f := range s.files {
		s.answers[path] = f.newAnswers()
	}
}

// newAnswers makes the plain answer and then one for each encoding.
func (f *File) newAnswers() []answer {
	always := []field{newField("Cache-Control", f.cacheControl())}
	if f.Link != "" {
		always = append(always, newField("Link", f.Link))
	}
	content := []field{newField("Content-Type", f.ContentType)}
	if !f.LastModified.IsZero() {
		content = append(content, newField("Last-Modified", f.LastModified.Format(http.TimeFormat)))
	}
	newAnswer := func(body []byte, etag string, more ...field) answer {
		return answer{
			body:    body,
			etag:    etag,
			always:  slices.Concat(always, []field{newField("ETag", etag)}),
			content: slices.Concat(content, []field{newField("Content-Length", strconv.Itoa(len(body)))}, more),
		}
	}
	answers := []answer{newAnswer(f.Body, f.ETag)}
	for _, e := range f.Encoded {
		answers = append(answers, newAnswer(e.Body, e.ETag, newField("Content-Encoding", e.Coding)))
	}
	return answers
}

// SetCommonHeaders says of an answer what Handler says of every one.
func SetCommonHeaders(h http.Header) { set(h, commonFields()) }

// commonFields say what a browser may do with an answer: show text, our
// stylesheet and images from anywhere, and nothing else. Whatever a source
// smuggled in, no script, frame or form of it works.
func commonFields() []field {
	return []field{
		newField("Content-Security-Policy", "default-src 'none'; img-src http: https:; style-src 'self'; "+
			"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"),
		newField("X-Content-Type-Options", "nosniff"),
		newField("Referrer-Policy", "no-referrer"), // which channel one reads is nobody's business
		newField("Vary", "Accept-Encoding"),        // on 304 and errors too (RFC 9110 §12.5.5)
	}
}

// negotiate returns the place among the answers of the encoding that the reader
// likes best, of those it likes as much the first, and 0, the plain bytes, where
// it likes none better (RFC 9110 §12.5.3).
func (f *File) negotiate(fields []string) int {
	if len(f.Encoded) == 0 || len(fields) == 0 {
		return 0
	}
	accepted := strings.Join(fields, ",")
	best, liked := 0, max(weight(accepted, "identity", 0), smallest)
	for i, e := range f.Encoded {
		// Plain bytes are what a reader gets that likes them as much, but only by name.
		if q := weight(accepted, e.Coding, weight(accepted, "*", 0)); q > liked || best == 0 && q == liked {
			best, liked = i+1, q
		}
	}
	return best
}

// smallest is the least weight that is no refusal (RFC 9110 §12.4.2 has three digits).
const smallest = 0.001

// weight is the weight of a coding in Accept-Encoding, and otherwise when it is
// not named.
func weight(accepted, coding string, otherwise float64) float64 {
	for field := range strings.SplitSeq(accepted, ",") {
		name, parameters, _ := strings.Cut(field, ";")
		name = strings.TrimSpace(name)
		if strings.EqualFold(name, coding) || coding == "gzip" && strings.EqualFold(name, "x-gzip") {
			return quality(parameters)
		}
	}
	return otherwise
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
