package robots

import (
	"bytes"
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxFileBytes is how much of a file is read: the least that RFC 9309 §2.5 asks
// for, and hundreds of times what a newspaper needs.
const maxFileBytes = 500 << 10

// maxCrawlDelay bounds a wish that is not part of RFC 9309. At a minute a page,
// the new articles of an hour can still be read within the hour; a delay of a
// day, meant for crawlers that read a whole site, would silence a source.
const maxCrawlDelay = time.Minute

// ruleBytes is about what a rule takes without its pattern.
const ruleBytes = 32

// maxShown is how much of a rule a Reason quotes.
const maxShown = 100

// A file is the part of a robots.txt that is meant for us.
type file struct {
	named bool // the rules are of the groups with our name, else of those for "*"
	rules []rule
	delay time.Duration
}

// A rule is one line. Patterns and URIs are compared as match.go makes them.
type rule struct {
	pattern string
	allow   bool
}

// answer returns what the most specific rule says, which is the one with the
// most octets; between two of equal length, the one that allows (RFC 9309 §2.2.2).
func (f *file) answer(uri string) Answer {
	answer := Answer{Named: f.named, CrawlDelay: f.delay}
	for _, rule := range f.rules { // in this very order
		if matches(rule.pattern, uri) {
			answer.Allowed, answer.Reason = rule.allow, "robots.txt: "+rule.String()
			return answer
		}
	}
	answer.Allowed, answer.Reason = true, "no rule of robots.txt matches"
	return answer
}

func (f *file) size() int {
	size := len(f.rules) * ruleBytes
	for _, rule := range f.rules {
		size += len(rule.pattern)
	}
	return size
}

// String is the rule as a webmaster would know it again.
func (r rule) String() string {
	shown := r.pattern // printable ASCII
	if len(shown) > maxShown {
		shown = shown[:maxShown] + "…"
	}
	if r.allow {
		return "Allow: " + shown
	}
	return "Disallow: " + shown
}

// parse reads a file. It takes every file: a line that is no rule is skipped.
func parse(body []byte, agent string) *file {
	text := head(body)
	if strings.HasPrefix(strings.TrimSpace(text), "<") {
		return &file{} // an HTML page in place of a file that does not exist
	}
	p := parser{agent: agent}
	for line := range strings.FieldsFuncSeq(text, isLineEnd) {
		line, _, _ = strings.Cut(line, "#")
		key, value, _ := strings.Cut(line, ":") // without a colon there is no value, and no rule
		p.read(strings.ToLower(strings.TrimSpace(key)), strings.TrimSpace(value))
	}
	if !p.ours.exists {
		return p.others.file()
	}
	f := p.ours.file()
	f.named = true
	return f
}

// head returns the lines that are read. A line that the limit cuts is left out:
// half a rule says more than the whole.
func head(body []byte) string {
	body = bytes.TrimPrefix(body, []byte("\ufeff"))
	if len(body) <= maxFileBytes {
		return string(body)
	}
	body = body[:maxFileBytes]
	return string(body[:bytes.LastIndexAny(body, "\r\n")+1])
}

func isLineEnd(r rune) bool { return r == '\n' || r == '\r' }

// A parser takes a file line by line.
type parser struct {
	agent  string
	ours   group // all groups with our name, which count as one (RFC 9309 §2.2.1)
	others group // all groups for "*"
	open   []*group
	naming bool // the last line of the format was a user-agent line
}

type group struct {
	exists bool
	rules  []rule
	delay  time.Duration
}

// read takes one line. Other records than these neither end a group nor belong
// to one (RFC 9309 §2.2.4); so a crawl delay, too, leaves the group open.
func (p *parser) read(key, value string) {
	switch key {
	case "user-agent":
		p.enter(value)
	case "allow", "disallow":
		p.naming = false
		if value == "" { // "Disallow:" forbids nothing
			return
		}
		for _, g := range p.open {
			g.rules = append(g.rules, rule{pattern: matchablePattern(value), allow: key == "allow"})
		}
	case "crawl-delay":
		for _, g := range p.open {
			g.delay = max(g.delay, crawlDelay(value))
		}
	}
}

// enter takes a user-agent line: the first of several in a row begins a group.
func (p *parser) enter(agent string) {
	if !p.naming {
		p.open, p.naming = nil, true
	}
	switch {
	case agent == "*":
		p.join(&p.others)
	case strings.EqualFold(productToken(agent), p.agent):
		p.join(&p.ours)
	}
}

func (p *parser) join(g *group) {
	g.exists = true
	if !slices.Contains(p.open, g) { // a name that stands there a thousand times counts once
		p.open = append(p.open, g)
	}
}

// file sorts the rules into the order of precedence, each once.
func (g *group) file() *file {
	slices.SortFunc(g.rules, func(a, b rule) int {
		return cmp.Or(
			cmp.Compare(len(b.pattern), len(a.pattern)),
			cmp.Compare(precedence(a), precedence(b)),
			strings.Compare(a.pattern, b.pattern),
		)
	})
	return &file{rules: slices.Clone(slices.Compact(g.rules)), delay: g.delay}
}

func precedence(r rule) int {
	if r.allow {
		return 0
	}
	return 1
}

// productToken is the name at the start of an agent: "Bantin" of "Bantin/1.0"
// (RFC 9309 §2.2.1).
func productToken(agent string) string {
	end := strings.IndexFunc(agent, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r != '_' && r != '-'
	})
	if end < 0 {
		return agent
	}
	return agent[:end]
}

// crawlDelay reads a number of seconds. What is none counts as 0, and what is
// larger than any number as very large.
func crawlDelay(value string) time.Duration {
	seconds, _ := strconv.ParseFloat(value, 64)
	if seconds >= maxCrawlDelay.Seconds() {
		return maxCrawlDelay
	}
	if seconds > 0 { // NaN is not
		return time.Duration(seconds * float64(time.Second))
	}
	return 0
}
