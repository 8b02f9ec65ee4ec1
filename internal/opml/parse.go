package opml

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

const (
	// maxBytes is 50 times the longest lists that people share, of 5,000 feeds.
	maxBytes = 10 << 20
	// maxOutlines are as many as fit into maxBytes with an address each.
	maxOutlines = 100_000
	// maxDepth of elements: readers make folders in one level, a few in three.
	maxDepth = 32
	// maxFolder is the length in bytes of the titles around an outline that is
	// kept. Without it, folders in folders could multiply the file's size.
	maxFolder = 200
	// maxWarnings are as many as somebody reads.
	maxWarnings = 100
)

// The reasons to refuse a file. Test with errors.Is.
var (
	// ErrNotOPML: something else, or XML that cannot be read.
	ErrNotOPML = errors.New("not OPML")
	// ErrHostile: too big, too deep, or declarations that are made to harm.
	ErrHostile = errors.New("refused")
)

// Parse reads a list of subscriptions in document order. What it leaves out is a
// warning with its line.
func Parse(r io.Reader) (Document, []string, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxBytes+1))
	switch {
	case err != nil:
		return Document{}, nil, fmt.Errorf("read OPML: %w", err)
	case len(data) > maxBytes:
		return Document{}, nil, fmt.Errorf("%w: larger than %d bytes", ErrHostile, maxBytes)
	case !utf8.Valid(data):
		return Document{}, nil, fmt.Errorf("%w: not UTF-8; save the file as UTF-8", ErrNotOPML)
	}
	p := newParser(bytes.TrimPrefix(data, []byte("\ufeff")))
	if err := p.document(); err != nil {
		return Document{}, nil, err
	}
	return p.out, p.allWarnings(), nil
}

type parser struct {
	decoder  *xml.Decoder
	out      Document
	names    []string // of the open elements
	folders  []string // of the open outlines; the last is the path of all of them
	outlines int
	warnings []string
	unsaid   int // warnings beyond maxWarnings
}

func newParser(data []byte) *parser {
	p := &parser{decoder: xml.NewDecoder(bytes.NewReader(data))}
	p.decoder.Strict = false
	p.decoder.Entity = xml.HTMLEntity
	// The bytes are valid UTF-8, so another encoding is a false declaration.
	p.decoder.CharsetReader = func(_ string, input io.Reader) (io.Reader, error) { return input, nil }
	return p
}

func (p *parser) document() error {
	for {
		token, err := p.decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("%w: %w", ErrNotOPML, err)
		}
		if err := p.token(token); err != nil {
			return fmt.Errorf("line %d: %w", p.line(), err)
		}
	}
	if p.names == nil {
		return fmt.Errorf("%w: no opml element", ErrNotOPML)
	}
	return nil
}

func (p *parser) token(token xml.Token) error {
	switch token := token.(type) {
	case xml.Directive:
		if bytes.Contains(bytes.ToUpper(token), []byte("<!ENTITY")) {
			return fmt.Errorf("%w: it declares entities", ErrHostile)
		}
	case xml.StartElement:
		return p.start(token)
	case xml.EndElement:
		last := len(p.names) - 1
		if p.names[last] == "outline" {
			p.folders = p.folders[:len(p.folders)-1]
		}
		p.names = p.names[:last]
	case xml.CharData:
		if len(p.names) == 3 && p.names[1] == "head" && p.names[2] == "title" {
			p.out.Title += string(token)
		}
	}
	return nil
}

func (p *parser) start(element xml.StartElement) error {
	name := strings.ToLower(element.Name.Local)
	switch {
	case p.names == nil && name != "opml":
		return fmt.Errorf("%w: its root element is %s", ErrNotOPML, clip(element.Name.Local, maxFolder))
	case len(p.names) == maxDepth:
		return fmt.Errorf("%w: nested more than %d levels deep", ErrHostile, maxDepth)
	}
	p.names = append(p.names, name)
	if name != "outline" {
		return nil
	}
	if p.outlines++; p.outlines > maxOutlines {
		return fmt.Errorf("%w: more than %d outlines", ErrHostile, maxOutlines)
	}
	p.outline(element.Attr)
	return nil
}

// outline reads an outline, which is a folder where it has no address. The names
// of attributes are compared without case: xmlurl and xmlURL are in use too.
func (p *parser) outline(attributes []xml.Attr) {
	values := map[string]string{}
	for _, a := range attributes {
		switch name := strings.ToLower(a.Name.Local); name {
		case "type", "text", "title", "url", "xmlurl", "htmlurl", "language", "version":
			values[name] = strings.TrimSpace(a.Value)
		}
	}
	folder := ""
	if len(p.folders) > 0 {
		folder = p.folders[len(p.folders)-1]
	}
	o := Outline{
		Title: values["title"], FeedURL: values["xmlurl"], PageURL: values["htmlurl"],
		Language: values["language"], Version: values["version"], Folder: folder, Line: p.line(),
	}
	if o.Title == "" {
		o.Title = values["text"]
	}
	p.folders = append(p.folders, inFolder(folder, o.Title))
	p.add(o, strings.ToLower(values["type"]), values["url"])
}

// add keeps an outline that leads somewhere.
func (p *parser) add(o Outline, kind, address string) {
	switch {
	case o.FeedURL != "":
		o.Type = RSS
	case kind == "include" || kind == Link && strings.HasSuffix(strings.ToLower(address), ".opml"):
		p.warn("another list of subscriptions is not followed") // opml.org/spec2.opml, "Inclusion"
		return
	case kind == Link && address != "":
		o.Type, o.PageURL = Link, address
	case kind == RSS || kind == Link || o.PageURL != "":
		p.warn("an outline without the address of a feed is left out")
		return
	default:
		return // a folder
	}
	p.out.Outlines = append(p.out.Outlines, o)
}

func inFolder(path, title string) string {
	if path != "" && title != "" {
		path += " / "
	}
	return clip(path+title, maxFolder)
}

// clip returns at most n bytes of s and no half character.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}

func (p *parser) line() int {
	line, _ := p.decoder.InputPos()
	return line
}

func (p *parser) warn(text string) {
	if len(p.warnings) == maxWarnings {
		p.unsaid++
		return
	}
	p.warnings = append(p.warnings, fmt.Sprintf("line %d: %s", p.line(), text))
}

func (p *parser) allWarnings() []string {
	if p.unsaid > 0 {
		return append(p.warnings, fmt.Sprintf("and %d more", p.unsaid))
	}
	return p.warnings
}
