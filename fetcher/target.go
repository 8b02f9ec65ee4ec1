package fetcher

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
)

// parseTarget reads the address that the caller asks for. The URL is sent as it
// is configured: nothing is sorted, added or normalised.
func parseTarget(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return nil, errNotURL
	}
	return webTarget(u)
}

// parseLocation reads a Location header, which may be relative (RFC 9110 §10.2.2).
func parseLocation(base *url.URL, raw string) (*url.URL, error) {
	if raw == "" {
		return nil, errors.New("redirect without a location")
	}
	u, err := base.Parse(raw)
	if err != nil {
		return nil, errNotURL
	}
	return webTarget(u)
}

// errNotURL is one text for all, because what net/url says may quote a part of
// a password.
var errNotURL = errors.New("the address is not a URL")

func webTarget(u *url.URL) (*url.URL, error) {
	if u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("scheme %q is neither http nor https", u.Scheme)
	}
	if u.Hostname() == "" {
		return nil, errors.New("the address has no host")
	}
	u.Fragment, u.RawFragment = "", "" // never sent (RFC 9110 §7.1)
	u.RawQuery = printable(u.RawQuery)
	return u, nil
}

// printable escapes what would break the request line (RFC 9112 §3.2); all
// that a URL may hold stays as it is.
func printable(query string) string {
	var b strings.Builder
	for _, c := range []byte(query) {
		if c <= ' ' || c >= 0x7f {
			fmt.Fprintf(&b, "%%%02X", c)
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}

// checkHost refuses what the guard would not get to see: credentials, and
// spellings of an address that one resolver reads as a name and the next as
// 127.0.0.1.
func checkHost(u *url.URL) error {
	if u.User != nil {
		return &blockedError{"the address holds a user name or password; these are never sent"}
	}
	host := u.Hostname()
	addr, err := netip.ParseAddr(host)
	switch {
	case err != nil && endsInNumber(host):
		return &blockedError{fmt.Sprintf("host %q is an odd spelling of an IPv4 address", host)}
	case err == nil && addr.Zone() != "":
		return &blockedError{fmt.Sprintf("host %q names a network interface of this machine", host)}
	case err == nil && addr.Is4In6():
		return &blockedError{fmt.Sprintf("host %q is an IPv4 address in disguise", host)}
	}
	return nil
}

// endsInNumber reports whether the last label is a number, decimal, octal or
// hexadecimal. No top-level domain is one (RFC 3696 §2).
func endsInNumber(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	label := host[strings.LastIndex(host, ".")+1:]
	digits, isHex := strings.CutPrefix(label, "0x")
	if isHex {
		return strings.Trim(digits, "0123456789abcdef") == ""
	}
	return label != "" && strings.Trim(label, "0123456789") == ""
}

// hostName is a host without its port, in one spelling.
func hostName(host string) string { return strings.ToLower(strings.TrimSuffix(host, ".")) }

// withoutUser is the URL as an Error may name it.
func withoutUser(u *url.URL) string {
	if u.User == nil {
		return u.String()
	}
	shown := *u
	shown.User = nil
	return shown.String()
}

// rawWithoutUser does the same for what may not be a URL at all: nothing before
// an @ is shown.
func rawWithoutUser(raw string) string {
	if at := strings.LastIndexByte(raw, '@'); at >= 0 {
		return "…" + raw[at:]
	}
	return raw
}
