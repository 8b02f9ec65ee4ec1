package article

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"html"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"
)

// NewID derives the id of an article from its source and an identity within
// that source (the guid, else the canonical link, else title and date). The
// whole identity is hashed, so two that differ only after a megabyte stay two.
func NewID(sourceID, identity string) string {
	return digest(sourceID, identity)
}

// Twin is equal for two items of one source with the same link, title and date.
// A source that changes its guids at every poll is recognised by it: a new guid
// under a known link with the same title and date is the article that is known
// already. The day tells apart what a portal writes anew under one link and title
// (the agenda of each week); some sources write the hour of the poll as the date. It is empty when the article has
// neither a link nor title and date, where nothing can be said.
func (a *Article) Twin() string {
	if a.URL == "" && (a.Title == "" || a.Published.IsZero()) {
		return ""
	}
	published := ""
	if !a.Published.IsZero() {
		published = a.Published.In(time.FixedZone("", vietnam)).Format(time.DateOnly)
	}
	return digest(a.SourceID, CanonicalURL(a.URL), a.Title, published)
}

const (
	// minDatedText and minText in characters are what a text must have to tell
	// articles apart. "Xem nội dung trong tệp đính kèm" has 31 and stands under
	// many titles; leads have 100 and more. A title and a minute need little to
	// be one article; without the minute the text must do it alone, and the set
	// phrases with which offices announce something have up to two hundred.
	minDatedText = 40
	minText      = 200
)

// Likeness is equal for two items of one source that say the same in the same
// minute, whatever their guids and links. A source that makes up both at every
// poll (?t=now) is recognised by it, and so is one that changed all its links.
// All that is said must be the same, with the pictures and the links of the text:
// offices publish many files under one title and in the same words. Only the
// article's own link may differ. It is zero where too little is said.
//
// 64 bits are enough: only articles of one source are compared.
func (a *Article) Likeness() int64 {
	least, minute := minText, ""
	if !a.Published.IsZero() {
		minute = a.Published.UTC().Format("2006-01-02 15:04")
		if a.Precision == Minute {
			least = minDatedText
		}
	}
	if utf8.RuneCountInString(a.Text) < least {
		return 0
	}
	body := a.HTML
	if body == "" {
		body = a.Text
	}
	if a.URL != "" {
		body = strings.ReplaceAll(body, `"`+html.EscapeString(a.URL)+`"`, `""`)
	}
	parts := []string{a.SourceID, a.Title, minute, a.Lead, body}
	for _, image := range a.Images {
		parts = append(parts, image.URL)
	}
	hash := sha256.New()
	buffer := make([]byte, 4096) // a body may have a megabyte, which need not be copied whole
	for _, part := range parts {
		for part != "" {
			n := copy(buffer, part)
			hash.Write(buffer[:n])
			part = part[n:]
		}
		hash.Write([]byte{0})
	}
	sum := hash.Sum(nil)
	return int64(binary.BigEndian.Uint64(sum[:8])) //nolint:gosec // the sign is one more bit of the hash
}

// vietnam is east of Greenwich, in seconds, since 1975.
const vietnam = 7 * 60 * 60

func digest(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:16])
}

// CanonicalURL is the form of a link in which two spellings of one address are
// equal: no scheme, no "www.", no default port, no fragment and no known
// tracking parameter. Paths and other parameters stay as they are, because
// portals use both to tell articles apart. It is for comparing, not for fetching.
func CanonicalURL(link string) string {
	u, err := url.Parse(link)
	if err != nil || u.Host == "" {
		return link
	}
	host := strings.TrimPrefix(strings.ToLower(u.Hostname()), "www.")
	if port := u.Port(); port != "" && port != "80" && port != "443" {
		host += ":" + port
	}
	path := u.EscapedPath()
	if path == "/" {
		path = ""
	}
	var kept []string
	for param := range strings.SplitSeq(u.RawQuery, "&") {
		name, _, _ := strings.Cut(param, "=")
		if param != "" && !isTracking(name) {
			kept = append(kept, param)
		}
	}
	if len(kept) == 0 {
		return host + path
	}
	return host + path + "?" + strings.Join(kept, "&")
}

// Host is the host of a URL, with its port, in one spelling: lower case, without
// the default port of the scheme, and without the dot that ends a full name
// (RFC 3986 §3.2.2, §6.2.3).
func Host(u *url.URL) string {
	name := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	if strings.Contains(name, ":") { // IPv6
		name = "[" + name + "]"
	}
	port := u.Port()
	if port == "" || u.Scheme == "http" && port == "80" || u.Scheme == "https" && port == "443" {
		return name
	}
	return name + ":" + port
}

// Address is the form of a URL in which two spellings that lead to one request are
// equal. It is for comparing: a URL is fetched as it is configured.
func Address(link string) string {
	u, err := url.Parse(link)
	if err != nil || u.Host == "" {
		return link
	}
	u.Host, u.Fragment, u.RawFragment = Host(u), "", "" // a fragment is never sent
	if u.Path == "" {
		u.Path = "/"
	}
	return u.String()
}

// isTracking reports whether a query parameter only tells where a reader came from.
func isTracking(name string) bool {
	switch name {
	case "fbclid", "gclid", "zarsrc", "zalo_id", "mc_cid", "mc_eid":
		return true
	}
	return strings.HasPrefix(name, "utm_")
}
