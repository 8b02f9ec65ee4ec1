package normalizer

import (
	"net/url"
	"strings"
)

// resolve makes a link of a feed absolute. It drops what is no web address: a
// reader may follow it.
func resolve(base *url.URL, link string) string {
	link = trimLink(link)
	if link == "" {
		return ""
	}
	u, err := url.Parse(link)
	if err != nil {
		if u, err = url.Parse(escapePercents(link)); err != nil {
			return ""
		}
	}
	if base != nil {
		u = base.ResolveReference(u)
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return ""
	}
	u.User = nil // a name before the host deceives people
	return u.String()
}

// trimLink takes out the white space around and inside of a link, as browsers do
// (URL standard §4.4): tabs and line breaks vanish, spaces are escaped.
func trimLink(link string) string {
	link = strings.TrimFunc(link, func(r rune) bool { return r <= ' ' || r == '\u00a0' || r == '\ufeff' })
	if !strings.ContainsAny(link, " \t\r\n") {
		return link
	}
	return strings.NewReplacer("\t", "", "\r", "", "\n", "", " ", "%20").Replace(link)
}

// escapePercents escapes each percent sign that escapes nothing, as in
// /giam-50%-hoc-phi.html.
func escapePercents(link string) string {
	var out strings.Builder
	for i := range len(link) {
		out.WriteByte(link[i])
		escapes := i+2 < len(link) && isHex(link[i+1]) && isHex(link[i+2])
		if link[i] == '%' && !escapes {
			out.WriteString("25")
		}
	}
	return out.String()
}

func isHex(c byte) bool {
	return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'f'
}
