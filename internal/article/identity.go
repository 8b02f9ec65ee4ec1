package article

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"strings"
	"time"
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

// isTracking reports whether a query parameter only tells where a reader came from.
func isTracking(name string) bool {
	switch name {
	case "fbclid", "gclid", "zarsrc", "zalo_id", "mc_cid", "mc_eid":
		return true
	}
	return strings.HasPrefix(name, "utm_")
}
