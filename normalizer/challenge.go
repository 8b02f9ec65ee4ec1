package normalizer

import (
	"bytes"
	"fmt"
)

const (
	// maxScriptPage is the size up to which a page can be nothing but a script.
	// The cookie challenge of many .vn sites has 140 to 180 bytes.
	maxScriptPage = 4 << 10
	// maxRefusalPage is how much of a page is searched for the words of a
	// refusal. Such pages have up to 30 KB, most of it style.
	maxRefusalPage = 64 << 10
)

// notAFeed says what stands where a feed was asked: nothing, a bot wall, a page
// or another document, or garbage.
func notAFeed(text []byte) error {
	text = bytes.TrimSpace(text)
	if len(text) == 0 {
		return ErrEmpty
	}
	if reason := refusal(text); reason != "" {
		return fmt.Errorf("%w: %s", ErrChallenged, reason)
	}
	switch {
	case bytes.Contains(bytes.ToLower(text[:min(len(text), declarationBytes)]), []byte("<html")):
		return fmt.Errorf("%w: it is an HTML page", ErrNotAFeed)
	case text[0] == '<':
		return fmt.Errorf("%w: no rss, feed or rdf element", ErrNotAFeed)
	}
	return fmt.Errorf("%w: no element of a feed in it", ErrUnparsable)
}

// refusal recognises a bot wall or a refusal that was answered with status 200,
// and says which. It is empty for any other document. The challenges are not
// solved: a source that sets one up does not want to be read by machines.
func refusal(text []byte) string {
	head := bytes.ToLower(text[:min(len(text), maxRefusalPage)])
	has := func(mark string) bool { return bytes.Contains(head, []byte(mark)) }
	switch {
	case len(text) <= maxScriptPage && has("document.cookie") && has("location"):
		return "a script that sets a cookie and reloads"
	case has("_cf_chl_opt") || has("<title>just a moment...") || has("attention required! | cloudflare"):
		return "a Cloudflare challenge"
	case has("_incapsula_resource") && len(text) <= maxScriptPage:
		return "an Incapsula challenge"
	case has("<title>access denied</title>"):
		return "access denied"
	case has("thông báo từ chối truy cập"): // mae.gov.vn, 2026-07
		return "a page that says “Thông báo từ chối truy cập”"
	case has("hệ thống đang gặp vấn đề khi xử lý yêu cầu của bạn"): // mae.gov.vn, 2026-07
		return "a page that says “Hệ thống đang gặp vấn đề khi xử lý yêu cầu của bạn”"
	}
	return ""
}
