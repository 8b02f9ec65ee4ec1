package config

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/language"

	"bantin/internal/article"
	"bantin/internal/schedule"
	"bantin/internal/vietnamese"
)

const (
	maxConcurrency = 1024 // more sockets than a default limit of open files allows
	maxPerHost     = 16   // more is a burst, whatever the host
	maxLimit       = 500  // a feed of 500 full articles has megabytes already
	maxID          = 64   // ids stand in paths of URLs and files

	minTimeout = time.Second
	maxHostGap = time.Minute // robots.txt may ask for more
	// maxRetention is ten years: longer is for ever, and a disk is not.
	maxRetention = 10 * 366 * 24 * time.Hour
	maxPages     = 200             // as many as a listing has
	maxTimeout   = 5 * time.Minute // a worker that waits longer is as good as lost
	maxHubs      = 8               // two are common, so that one may be down

	// maxLanguage is what RFC 5646 §4.4.1 says a buffer for a tag needs at least.
	maxLanguage = 35
)

// title reads a name that people see: one line, in one Unicode form.
func (d *decoder) title(v value) string {
	if !d.is(v, text) {
		return ""
	}
	title := vietnamese.Clean(v.text)
	if title == "" {
		d.report(v, "is empty", "")
	}
	return title
}

// phrase reads words that an article is searched for.
func (d *decoder) phrase(v value) string {
	phrase := d.title(v)
	if phrase != "" && strings.IndexFunc(phrase, isWord) < 0 {
		d.report(v, quote(phrase)+" holds no word", "")
	}
	return phrase
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// newID reads an id and keeps it in ids, where it must not stand yet.
func (d *decoder) newID(v value, ids map[string]value) string {
	if !d.is(v, text) {
		return ""
	}
	if !isID(v.text) {
		hint := "an id has 1 to 64 of a-z, 0-9 and -"
		if slug := vietnamese.Slug(v.text); isID(slug) {
			hint = didYouMean(slug)
		}
		d.report(v, quote(v.text)+" is not an id", hint)
		return ""
	}
	if first, twice := ids[v.text]; twice {
		d.report(v, fmt.Sprintf("the id %s stands twice", quote(v.text)), fmt.Sprintf("the first is %s in line %d", first.path, first.line))
		return v.text
	}
	ids[v.text] = v
	return v.text
}

// isID reports whether an id is safe in every path, file name and key.
func isID(id string) bool {
	for _, r := range id {
		if r != '-' && (r < 'a' || r > 'z') && (r < '0' || r > '9') {
			return false
		}
	}
	return id != "" && len(id) <= maxID
}

// distinct reads a list in which nothing stands twice.
func (d *decoder) distinct(v value, read func(value) string) []string {
	var all []string
	seen := map[string]bool{}
	for _, item := range d.items(v) {
		one := read(item)
		if one != "" && seen[one] {
			d.report(item, quote(one)+" stands twice", "")
			continue
		}
		seen[one] = true
		all = append(all, one)
	}
	return all
}

// oneOf reads an id that must be among the known ones; noun says of what.
func (d *decoder) oneOf(v value, noun string, known []string) string {
	if !d.is(v, text) || slices.Contains(known, v.text) {
		return v.text
	}
	_, hint := suggest(v.text, known)
	d.report(v, fmt.Sprintf("unknown %s %s", noun, quote(v.text)), hint)
	return ""
}

// flag reads true or false.
func (d *decoder) flag(v value) bool {
	if v.kind != broken && (v.kind != other || v.text != "true" && v.text != "false") {
		d.report(v, "must be true or false", "")
	}
	return v.text == "true"
}

func (d *decoder) province(v value) string { return d.oneOf(v, "province", d.known.Provinces) }

func (d *decoder) republish(v value) article.Republish {
	policies := []string{string(article.Full), string(article.Summary), string(article.Headline)}
	return article.Republish(d.oneOf(v, "policy", policies))
}

func (d *decoder) fullText(v value) article.FullText {
	policies := []string{string(article.FullTextAuto), string(article.FullTextAlways), string(article.FullTextNever)}
	return article.FullText(d.oneOf(v, "policy", policies))
}

func (d *decoder) dateOrder(v value) article.DateOrder {
	return article.DateOrder(d.oneOf(v, "order", []string{string(article.DayFirst), string(article.MonthFirst)}))
}

// directory reads the name of a directory, which need not be there yet.
func (d *decoder) directory(v value) string {
	if !d.is(v, text) {
		return ""
	}
	if strings.TrimSpace(v.text) == "" {
		d.report(v, "is empty", "name a directory, or leave the key out")
	}
	return v.text
}

// insecureTLS reads whether the certificate of a source's host goes unchecked.
func (d *decoder) insecureTLS(v value) bool {
	const verify, insecure = "verify", "insecure"
	return d.oneOf(v, "policy", []string{verify, insecure}) == insecure
}

// selector reads a CSS selector; without says what happens when the key is left out.
func (d *decoder) selector(v value, without string) string {
	if !d.is(v, text) {
		return ""
	}
	if strings.TrimSpace(v.text) == "" {
		d.report(v, "is empty", "leave the key out, and "+without)
		return ""
	}
	if d.known.CheckSelector == nil {
		return v.text
	}
	if err := d.known.CheckSelector(v.text); err != nil {
		d.report(v, quote(v.text)+" is not a selector: "+err.Error(), `write tags, .classes, #ids and [attributes], such as ".news-list h3 a"`)
	}
	return v.text
}

// number reads a whole number from 1.
func (d *decoder) number(v value, most int) int {
	const least = 1
	if v.kind == text {
		if _, err := strconv.Atoi(v.text); err == nil {
			d.report(v, "must be a number, not text", "leave the quotes out")
			return least
		}
	}
	if !d.is(v, number) {
		return least
	}
	n, err := strconv.Atoi(v.text)
	if err != nil || n < least || n > most {
		d.report(v, fmt.Sprintf("must be from %d to %d", least, most), "")
		return least
	}
	return n
}

func (d *decoder) interval(v value) time.Duration {
	return d.duration(v, schedule.MinInterval, schedule.MaxInterval)
}

// duration reads a length of time within bounds.
func (d *decoder) duration(v value, least, most time.Duration) time.Duration {
	if v.kind == number {
		d.report(v, "has no unit", fmt.Sprintf("write %sm for minutes or %ss for seconds", v.text, v.text))
		return least
	}
	if v.kind != other && !d.is(v, text) { // 1.5 and 90m are read alike
		return least
	}
	length, err := parseDuration(v.text)
	switch {
	case err != nil:
		d.report(v, quote(v.text)+" is not a duration", `write hours, minutes and seconds, such as "90m" or "1h30m", or days: "90d"`)
	case length < least:
		d.report(v, fmt.Sprintf("%v is too short", length), fmt.Sprintf("the least is %v", least))
	case length > most:
		d.report(v, fmt.Sprintf("%v is too long", length), fmt.Sprintf("the most is %v", most))
	default:
		return length
	}
	return least
}

// parseDuration reads what time.ParseDuration reads, and days.
func parseDuration(text string) (time.Duration, error) {
	if number, ok := strings.CutSuffix(text, "d"); ok {
		days, err := strconv.ParseUint(number, 10, 16) // 179 years, far from an overflow
		return time.Duration(days) * 24 * time.Hour, err
	}
	return time.ParseDuration(text)
}

// schedule reads a cron spec in the site's time zone.
func (d *decoder) schedule(v value, loc *time.Location) schedule.Schedule {
	if !d.is(v, text) {
		return nil
	}
	parsed, err := schedule.Parse(v.text, loc)
	var fault *schedule.Error
	switch {
	case errors.As(err, &fault) && fault.Field != "":
		d.report(v, fmt.Sprintf("%s: %s", fault.Field, fault.Message), fault.Hint)
	case errors.As(err, &fault):
		d.report(v, fault.Message, fault.Hint)
	case err != nil:
		d.report(v, err.Error(), "")
	}
	return parsed
}

// language reads a tag of BCP 47 and returns its canonical form.
func (d *decoder) language(v value) string {
	if !d.is(v, text) {
		return ""
	}
	tag, err := language.Parse(v.text[:min(len(v.text), maxLanguage+1)])
	if err != nil || len(v.text) > maxLanguage || tag == language.Und {
		d.report(v, quote(v.text)+" is not a language tag of BCP 47", `Vietnamese is "vi", English "en"`)
		return ""
	}
	return tag.String()
}

// timezone reads a name of the IANA database. "Local" would make the outputs
// depend on the machine.
func (d *decoder) timezone(v value) *time.Location {
	if !d.is(v, text) {
		return time.UTC
	}
	loc, err := time.LoadLocation(v.text)
	if err != nil || v.text == "" || v.text == "Local" {
		d.report(v, quote(v.text)+" is not a time zone", `write its IANA name, such as "Asia/Ho_Chi_Minh"`)
		return time.UTC
	}
	return loc
}

// listen reads the address of the web server.
func (d *decoder) listen(v value) string {
	if v.kind == number {
		d.report(v, "has no host", didYouMean("127.0.0.1:"+v.text))
		return ""
	}
	if !d.is(v, text) {
		return ""
	}
	host, port, err := net.SplitHostPort(v.text)
	_, badPort := strconv.ParseUint(port, 10, 16)
	switch {
	case err != nil:
		d.report(v, quote(v.text)+" is not an address to listen on", `write host:port, such as "127.0.0.1:8080" or "[::1]:8080"`)
	case badPort != nil:
		d.report(v, fmt.Sprintf("the port %s is not a number from 0 to 65535", quote(port)), "")
	case !isHost(host) && host != "":
		d.report(v, quote(host)+" is not a host", `write an address or a name, such as "127.0.0.1" or "localhost"`)
	}
	return v.text
}

// isHost reports whether a text is an IP address or could be a host name (RFC 1123 §2.1).
func isHost(host string) bool {
	if _, err := netip.ParseAddr(host); err == nil {
		return true
	}
	outside := func(r rune) bool { return r != '-' && r != '.' && r != '_' && !isWord(r) }
	return host != "" && strings.IndexFunc(host, outside) < 0
}

// contact reads where a webmaster finds us: a page or a mail address. It stands
// in the User-Agent, so it is plain ASCII without spaces.
func (d *decoder) contact(v value) string {
	if v.kind == text && strings.Contains(v.text, "@") && !strings.Contains(v.text, "://") {
		return d.mailAddress(v)
	}
	link := d.url(v)
	if !isComment(link) {
		d.report(v, "must be plain ASCII without brackets", "it stands in the User-Agent of every request")
	}
	return link
}

// isComment reports whether a link can stand in a comment of the User-Agent as it
// is (RFC 9110 §5.6.5).
func isComment(link string) bool {
	return strings.IndexFunc(link, func(r rune) bool { return r <= ' ' || r >= unicode.MaxASCII || r == '(' || r == ')' }) < 0
}

func (d *decoder) mailAddress(v value) string {
	address := strings.TrimPrefix(v.text, "mailto:")
	name, host, _ := strings.Cut(address, "@")
	outside := func(r rune) bool { return r <= ' ' || r >= unicode.MaxASCII || strings.ContainsRune(`()<>[]",;:\@`, r) }
	if name == "" || host == "" || strings.IndexFunc(name+host, outside) >= 0 {
		d.report(v, quote(v.text)+" is neither a URL nor a mail address", "")
	}
	return v.text
}

// url reads an absolute http or https URL. No message quotes the URL itself,
// which may carry a password.
func (d *decoder) url(v value) string {
	if !d.is(v, text) {
		return ""
	}
	parsed, err := url.Parse(v.text)
	switch {
	case v.text == "":
		d.report(v, "is empty", "")
	case strings.IndexFunc(v.text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) >= 0:
		d.report(v, "a URL has no spaces and no control characters", "write a space as %20")
	case err != nil:
		d.report(v, "not a valid URL", `write it in full, such as "https://example.com/rss"`)
	case parsed.User != nil:
		d.report(v, "a URL must not hold a user name or password", "a password in a URL ends up in logs and outputs; leave out all between // and @")
	case parsed.Scheme == "" || parsed.Opaque != "":
		d.report(v, "not an absolute URL", "begin it with https:// or http://")
	case parsed.Scheme != "http" && parsed.Scheme != "https":
		d.report(v, fmt.Sprintf("the scheme %s is not http or https", quote(parsed.Scheme)), "")
	case !isHost(parsed.Hostname()):
		d.report(v, "the URL has no valid host", "")
	case !isPort(parsed.Port()):
		d.report(v, "the URL has no valid port", "")
	default:
		return v.text
	}
	return ""
}

// CheckURL says what is wrong with the address of a source, without quoting it.
func CheckURL(address string) error {
	var d decoder
	d.url(value{node: &node{kind: text, text: address}})
	if len(d.problems) == 0 {
		return nil
	}
	problem := d.problems[0]
	if problem.Hint == "" {
		return errors.New(problem.Message)
	}
	return errors.New(problem.Message + "; " + problem.Hint)
}

// isPort reports whether a port of a URL can be dialled. Empty is the default one.
func isPort(port string) bool {
	n, err := strconv.ParseUint(port, 10, 16)
	return port == "" || err == nil && n > 0
}

// siteURL reads the URL below which everything is published, with its last slash.
func (d *decoder) siteURL(v value) string {
	link := d.url(v)
	if strings.ContainsAny(link, "?#") {
		d.report(v, "must have neither ? nor #", "paths are added at its end")
		return ""
	}
	if link == "" || strings.HasSuffix(link, "/") {
		return link
	}
	return link + "/"
}

// hubs reads the addresses of WebSub hubs.
func (d *decoder) hubs(v value) []string {
	hubs := d.distinct(v, d.url)
	if len(hubs) > maxHubs {
		d.report(v, fmt.Sprintf("more than %d hubs", maxHubs), "each is told of every change; subscribers need one")
	}
	return hubs
}

func (d *decoder) networks(v value) []netip.Prefix {
	var networks []netip.Prefix
	for _, item := range d.items(v) {
		if d.is(item, text) {
			networks = append(networks, d.network(item))
		}
	}
	return networks
}

// network reads a range of addresses in CIDR notation (RFC 4632 §3.1).
func (d *decoder) network(v value) netip.Prefix {
	prefix, err := netip.ParsePrefix(v.text)
	switch {
	case err == nil && prefix.Addr().Is4In6():
		d.report(v, "is an IPv4 network in IPv6 clothes", `write it as IPv4, such as "127.0.0.0/8"`)
	case err == nil && prefix != prefix.Masked():
		d.report(v, quote(v.text)+" is an address within a network", didYouMean(prefix.Masked().String()))
	case err == nil:
		return prefix
	default:
		hint := `write address/bits, such as "127.0.0.0/8"`
		if addr, err := netip.ParseAddr(v.text); err == nil && addr.Zone() == "" {
			hint = didYouMean(netip.PrefixFrom(addr, addr.BitLen()).String())
		}
		d.report(v, quote(v.text)+" is not a network", hint)
	}
	return netip.Prefix{}
}
