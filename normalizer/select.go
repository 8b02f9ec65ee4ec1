package normalizer

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
)

// A selector is as much of CSS (Selectors Level 4) as the table of portals and
// the operators of listing pages need: alternatives parted by commas,
// descendants and children (>), and in each step a tag or *, an #id, .classes,
// [attributes] and :not(). IDs are compared to their end, because ASP.NET puts
// the names of all containers before them: #HtmlContent matches
// id="ctl00_m_g_5_HtmlContent".
type selector []chain

// A chain is a list of runs, each somewhere inside the one before.
type chain []run

// A run is a list of steps, each directly inside the one before.
type run []step

type step struct {
	tag   string // empty for any
	tests []test // all must hold
	not   []step // none may match
}

// A test asks one attribute.
type test struct {
	how         comparison
	name, value string
}

type comparison int

const (
	anyValue     comparison = iota // [name]
	wholeValue                     // [name=value]
	startOfValue                   // [name^=value]
	partOfValue                    // [name*=value]
	endOfValue                     // [name$=value]
	wordOfValue                    // [name~=value], .value
	endOfID                        // #value
)

// maxSelector is many times what any layout needs. A selector is matched against
// every element of a page.
const maxSelector = 1000

// CheckSelector says what is wrong with a selector, and at which character.
func CheckSelector(text string) error {
	_, err := parseSelector(text)
	return err
}

func parseSelector(text string) (selector, error) {
	if len(text) > maxSelector {
		return nil, fmt.Errorf("the selector is longer than %d bytes", maxSelector)
	}
	p := selectorParser{text: text}
	var s selector
	for {
		one, err := p.chain()
		if err != nil {
			return nil, err
		}
		s = append(s, one)
		if !p.take(",") {
			return s, nil
		}
	}
}

// tableSelector reads a selector of our own tables, whose spelling the tests
// check. What it cannot read selects nothing, as does an empty text.
func tableSelector(text string) selector {
	s, err := parseSelector(text)
	if err != nil {
		return nil
	}
	return s
}

// A selectorParser stands before text[at].
type selectorParser struct {
	text string
	at   int
}

// fault is an error at the character before which the parser stands.
func (p *selectorParser) fault(format string, args ...any) error {
	return fmt.Errorf("character %d: %s", utf8.RuneCountInString(p.text[:p.at])+1, fmt.Sprintf(format, args...))
}

// unexpected is the fault of what stands where something else must.
func (p *selectorParser) unexpected(want string) error {
	if p.at == len(p.text) {
		return p.fault("the selector ends where %s must stand", want)
	}
	r, _ := utf8.DecodeRuneInString(p.text[p.at:])
	return p.fault("%q stands where %s must stand", r, want)
}

// next is the byte at which the parser stands, 0 at the end.
func (p *selectorParser) next() byte {
	if p.at == len(p.text) {
		return 0
	}
	return p.text[p.at]
}

// take moves on behind mark, if it is there.
func (p *selectorParser) take(mark string) bool {
	if !strings.HasPrefix(p.text[p.at:], mark) {
		return false
	}
	p.at += len(mark)
	return true
}

// space moves on behind white space, and reports whether there was any.
func (p *selectorParser) space() bool {
	from := p.at
	for p.at < len(p.text) && strings.IndexByte(" \t\r\n\f", p.text[p.at]) >= 0 {
		p.at++
	}
	return p.at > from
}

// name takes a name, which is empty when none stands here.
func (p *selectorParser) name() string {
	outside := func(r rune) bool {
		return r != '-' && r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}
	rest := p.text[p.at:]
	end := strings.IndexFunc(rest, outside)
	if end < 0 {
		end = len(rest)
	}
	p.at += end
	return rest[:end]
}

func (p *selectorParser) chain() (chain, error) {
	var whole chain
	child := false // a > stands before the next step
	for {
		p.space()
		st, err := p.step()
		if err != nil {
			return nil, err
		}
		if last := len(whole) - 1; child {
			whole[last] = append(whole[last], st)
		} else {
			whole = append(whole, run{st})
		}
		parted := p.space()
		child = p.take(">")
		switch c := p.next(); {
		case child:
		case c == 0 || c == ',':
			return whole, nil
		case c == '+' || c == '~':
			return nil, p.fault("%q is not known here; part steps by a space or >", c)
		case !parted:
			return nil, p.unexpected("a space, > or a comma")
		}
	}
}

// step reads a tag and its tests, in which CSS allows no space.
func (p *selectorParser) step() (step, error) {
	var st step
	from := p.at
	if !p.take("*") {
		st.tag = strings.ToLower(p.name())
	}
	for {
		var err error
		switch {
		case p.take("#"):
			err = p.named(&st, test{how: endOfID, name: "id"})
		case p.take("."):
			err = p.named(&st, test{how: wordOfValue, name: "class"})
		case p.take("["):
			err = p.attribute(&st)
		case p.take(":not("):
			err = p.negation(&st)
		case p.next() == ':':
			err = p.fault("of the pseudo-classes only :not() is known")
		case p.at == from:
			err = p.unexpected("a tag, .class, #id or [attribute]")
		default:
			return st, nil
		}
		if err != nil {
			return step{}, err
		}
	}
}

// named reads the name behind # or a dot.
func (p *selectorParser) named(st *step, t test) error {
	if t.value = p.name(); t.value == "" {
		return p.unexpected("a name")
	}
	st.tests = append(st.tests, t)
	return nil
}

func (p *selectorParser) negation(st *step) error {
	for {
		p.space()
		one, err := p.step()
		if err != nil {
			return err
		}
		st.not = append(st.not, one)
		p.space()
		if p.take(")") {
			return nil
		}
		if !p.take(",") {
			return p.unexpected(") or a comma")
		}
	}
}

func (p *selectorParser) attribute(st *step) error {
	p.space()
	t := test{name: strings.ToLower(p.name())}
	if t.name == "" {
		return p.unexpected("the name of an attribute")
	}
	p.space()
	if t.how = p.comparison(); t.how != anyValue {
		p.space()
		var err error
		if t.value, err = p.value(); err != nil {
			return err
		}
		p.space()
	}
	if !p.take("]") {
		return p.unexpected("]")
	}
	st.tests = append(st.tests, t)
	return nil
}

func (p *selectorParser) comparison() comparison {
	switch {
	case p.take("="):
		return wholeValue
	case p.take("^="):
		return startOfValue
	case p.take("*="):
		return partOfValue
	case p.take("$="):
		return endOfValue
	case p.take("~="):
		return wordOfValue
	}
	return anyValue
}

// value reads the value of an attribute. Without quotes it goes up to the
// bracket, although CSS wants quotes around a value such as /tin-tuc/.
func (p *selectorParser) value() (string, error) {
	mark := p.next()
	if mark != '"' && mark != '\'' {
		rest := p.text[p.at:]
		end := strings.IndexAny(rest, " \t\r\n\f]\"'")
		if end < 0 {
			end = len(rest)
		}
		if end == 0 {
			return "", p.unexpected("a value")
		}
		p.at += end
		return rest[:end], nil
	}
	value, _, closed := strings.Cut(p.text[p.at+1:], string(mark))
	if !closed {
		return "", p.fault("the quotation mark is not closed")
	}
	p.at += len(value) + 2
	return value, nil
}

// matches reports whether the selector selects n.
func (s selector) matches(n *html.Node) bool {
	return slices.ContainsFunc(s, func(one chain) bool { return one.matches(n) })
}

// matches looks for each run in the lowest place above the one that follows it.
// A lower place leaves all the places above it to the runs before, so no other
// needs to be tried.
func (whole chain) matches(n *html.Node) bool {
	last := len(whole) - 1
	n, ok := whole[last].endsAt(n)
	if !ok {
		return false
	}
	for _, one := range slices.Backward(whole[:last]) {
		for ok = false; !ok; {
			if n == nil {
				return false
			}
			var above *html.Node
			if above, ok = one.endsAt(n); !ok {
				above = n.Parent
			}
			n = above
		}
	}
	return true
}

// endsAt reports whether n is what the last step of the run selects, and returns
// what is above the element of its first step.
func (r run) endsAt(n *html.Node) (above *html.Node, ok bool) {
	for _, st := range slices.Backward(r) {
		if n == nil || !st.matches(n) {
			return nil, false
		}
		n = n.Parent
	}
	return n, true
}

func (st *step) matches(n *html.Node) bool {
	if n.Type != html.ElementNode || st.tag != "" && st.tag != n.Data {
		return false
	}
	for i := range st.tests {
		if !st.tests[i].passes(n) {
			return false
		}
	}
	for i := range st.not {
		if st.not[i].matches(n) {
			return false
		}
	}
	return true
}

// passes obeys Selectors Level 4 §6.2 too where it says that an empty value is
// found nowhere.
func (t *test) passes(n *html.Node) bool {
	has := attr(n, t.name)
	switch t.how {
	case anyValue:
		return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == t.name })
	case wholeValue:
		return has == t.value
	case startOfValue:
		return t.value != "" && strings.HasPrefix(has, t.value)
	case partOfValue:
		return t.value != "" && strings.Contains(has, t.value)
	case endOfValue:
		return t.value != "" && strings.HasSuffix(has, t.value)
	case wordOfValue:
		return hasWord(has, t.value)
	case endOfID:
		return isID(has, t.value)
	}
	return false
}

// isID reports whether id is want, or want behind ASP.NET's container names.
func isID(id, want string) bool {
	before, ok := strings.CutSuffix(id, want)
	return ok && (before == "" || strings.HasSuffix(before, "_"))
}

// find returns the elements under root that the selector selects, in document
// order, none inside another.
func (s selector) find(root *html.Node) []*html.Node {
	if len(s) == 0 {
		return nil
	}
	var found []*html.Node
	var visit func(*html.Node)
	visit = func(n *html.Node) {
		if n.Type == html.ElementNode && s.matches(n) {
			found = append(found, n)
			return
		}
		for child := n.FirstChild; child != nil; child = child.NextSibling {
			visit(child)
		}
	}
	visit(root)
	return found
}

// attr is the value of an attribute, empty when absent.
func attr(n *html.Node, name string) string {
	for i := range n.Attr {
		if n.Attr[i].Key == name {
			return n.Attr[i].Val
		}
	}
	return ""
}

func hasWord(text, word string) bool {
	if !strings.Contains(text, word) { // most elements stop here
		return false
	}
	for one := range strings.FieldsSeq(text) {
		if one == word {
			return true
		}
	}
	return false
}
