package config

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

const (
	// maxDepth bounds nesting. A configuration has 4 levels.
	maxDepth = 100
	// maxNodes bounds the values of a file, those behind aliases counted each
	// time. 10,000 sources with eight keys each make 90,000.
	maxNodes = 200_000
)

// A kind is what a node is, as far as a configuration can tell.
type kind int

const (
	broken  kind = iota // a problem is reported already
	null                // nothing, or ~
	text                // a string
	number              // a whole number
	other               // true, 1.5, .inf …
	list                // a sequence
	mapping             // keys and values
)

// String is what a person calls it.
func (k kind) String() string {
	switch k {
	case list:
		return "a list"
	case mapping:
		return "a mapping of keys"
	case number:
		return "a whole number"
	case text:
		return "text"
	case broken, null, other:
	}
	return "something else"
}

// A position is a place in the file, counted from 1 in lines and characters.
type position struct{ line, column int }

func positionOf(tk *token.Token) position {
	if tk == nil || tk.Position == nil {
		return position{1, 1}
	}
	return position{max(tk.Position.Line, 1), max(tk.Position.Column, 1)}
}

// A node is one value of the file.
type node struct {
	position
	kind    kind
	text    string  // of a scalar, without quotes
	items   []*node // of a list
	entries []entry // of a mapping, in order; a key may stand twice
	size    int     // nodes in it, itself included
}

// An entry is a key of a mapping with its value.
type entry struct {
	position
	key   string
	value *node
}

// A path leads to a value: sources[3].schedule.
type path struct {
	parent *path // nil for the first
	step   string
}

// child is the path of the value of a key. A key that is no plain word is shown
// in quotes, so that a message stays on its line.
func (p *path) child(key string) *path {
	if key == "" || strings.IndexFunc(key, func(r rune) bool { return r != '_' && r != '-' && r != '<' && !isWord(r) }) >= 0 {
		key = quote(key)
	}
	if key = clip(key, 64); p != nil {
		key = "." + key
	}
	return &path{parent: p, step: key}
}

// item is the path of an item of a list.
func (p *path) item(index int) *path {
	return &path{parent: p, step: fmt.Sprintf("[%d]", index)}
}

func (p *path) String() string {
	if p == nil {
		return ""
	}
	return p.parent.String() + p.step
}

// parseYAML returns the tree of a file, and what is wrong with it as YAML. The
// tree is nil when nothing more can be said.
func parseYAML(data []byte) (*node, []Problem) {
	if problem := checkBytes(data); problem != nil {
		return nil, []Problem{*problem}
	}
	source := string(bytes.TrimPrefix(data, []byte("\ufeff")))
	body, problem := parseDocument(source)
	if problem != nil {
		return nil, []Problem{*problem}
	}
	b := builder{anchors: map[string]*node{}}
	root := b.node(body, nil, 0)
	if b.tooMuch != nil {
		return nil, []Problem{*b.tooMuch}
	}
	return root, b.problems
}

func checkBytes(data []byte) *Problem {
	if len(data) > maxBytes {
		return &Problem{Message: fmt.Sprintf("larger than %d bytes", maxBytes), Hint: "share settings by an anchor (&) and a merge key (<<), or split the site in two"}
	}
	if utf8.Valid(data) {
		return nil
	}
	good := 0
	for rest := data; ; {
		r, size := utf8.DecodeRune(rest)
		if r == utf8.RuneError && size <= 1 {
			break
		}
		good, rest = good+size, rest[size:]
	}
	before := data[:good]
	start := bytes.LastIndexByte(before, '\n') + 1
	return &Problem{
		Line: bytes.Count(before, []byte("\n")) + 1, Column: utf8.RuneCount(before[start:]) + 1,
		Message: "not UTF-8", Hint: "save the file as UTF-8",
	}
}

// parseDocument returns the one document of a file.
func parseDocument(source string) (ast.Node, *Problem) {
	tokens := lexer.Tokenize(source)
	if at, deep := tooDeep(tokens); deep {
		return nil, tooDeepProblem(at)
	}
	file, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey()) // we report those with all others
	if err != nil {
		return nil, syntaxProblem(source, err)
	}
	var body ast.Node
	for _, document := range file.Docs {
		switch {
		case document.Body == nil:
			continue
		case document.Body.Type() == ast.DirectiveType:
			at := positionOf(document.Body.GetToken())
			return nil, &Problem{Line: at.line, Column: at.column, Message: "a YAML directive is not used here", Hint: "delete the line that begins with %"}
		case body != nil:
			at := positionOf(document.Start)
			return nil, &Problem{Line: at.line, Column: at.column, Message: "a second document begins here", Hint: "a configuration is one document; delete the line ---"}
		}
		body = document.Body
	}
	if body == nil {
		return nil, &Problem{Line: 1, Column: 1, Message: "the file is empty", Hint: "it needs at least site and sources"}
	}
	return body, nil
}

// tooDeep looks at the tokens before the parser recurses into them: one megabyte
// of "[" or "- " takes go-yaml v1.19.2 gigabytes. Brackets are counted. Blocks
// nest by moving to the right, at least one column a level and two for "- " on
// one line, so a block mark far on the right says the same.
func tooDeep(tokens token.Tokens) (position, bool) {
	brackets := 0
	for _, tk := range tokens {
		at := positionOf(tk)
		opens := tk.Type == token.SequenceStartType || tk.Type == token.MappingStartType
		closes := tk.Type == token.SequenceEndType || tk.Type == token.MappingEndType
		block := tk.Type == token.SequenceEntryType || tk.Type == token.MappingKeyType
		switch {
		case opens && brackets == maxDepth, block && brackets == 0 && at.column > 2*maxDepth:
			return at, true
		case opens:
			brackets++
		case closes && brackets > 0:
			brackets--
		}
	}
	return position{}, false
}

func tooDeepProblem(at position) *Problem {
	return &Problem{Line: at.line, Column: at.column, Message: fmt.Sprintf("nested more than %d levels deep", maxDepth)}
}

// syntaxProblem keeps the position and the reason of go-yaml's error and leaves
// out the excerpt of the file that it prints, which may hold a password.
func syntaxProblem(source string, err error) *Problem {
	problem := &Problem{Line: 1, Column: 1, Message: "not valid YAML"}
	var syntax *yaml.SyntaxError
	if !errors.As(err, &syntax) {
		return problem
	}
	at := positionOf(syntax.Token)
	problem.Line, problem.Column = at.line, at.column
	reason := strings.ReplaceAll(syntax.Message, "'\t'", "tab")
	problem.Message += ": " + clip(strings.Join(strings.Fields(reason), " "), 120)
	problem.Hint = syntaxHint(source, at.line)
	return problem
}

// syntaxHint knows the two mistakes that a bantin.yaml invites: indenting with
// tabs, and a schedule without quotes.
func syntaxHint(source string, line int) string {
	lines := strings.Split(source, "\n")
	if line > len(lines) {
		return ""
	}
	content := lines[line-1]
	if strings.HasPrefix(strings.TrimLeft(content, " "), "\t") {
		return "indent with spaces"
	}
	_, after, _ := strings.Cut(content, ": ")
	if after = strings.TrimSpace(after); after != "" && strings.ContainsRune("*@%`", rune(after[0])) {
		return fmt.Sprintf("put a value that begins with %s in quotes", after[:1])
	}
	return ""
}

// A builder turns go-yaml's tree into ours: aliases followed, merges done,
// positions kept.
type builder struct {
	anchors  map[string]*node
	count    int // nodes so far, those behind aliases included
	problems []Problem
	tooMuch  *Problem // set once; then everything unwinds
}

func (b *builder) report(at position, where *path, message, hint string) {
	b.problems = append(b.problems, Problem{Line: at.line, Column: at.column, Path: where.String(), Message: message, Hint: hint})
}

// add counts nodes against the limit.
func (b *builder) add(nodes int, at position) {
	b.count += nodes
	if b.count > maxNodes && b.tooMuch == nil {
		b.tooMuch = &Problem{
			Line: at.line, Column: at.column, Message: fmt.Sprintf("more than %d values, aliases counted each time", maxNodes),
		}
	}
}

func (b *builder) node(from ast.Node, where *path, depth int) *node {
	n := &node{position: position{1, 1}}
	if from == nil {
		n.kind = null
		return n
	}
	n.position = positionOf(from.GetToken())
	if depth > maxDepth && b.tooMuch == nil {
		b.tooMuch = tooDeepProblem(n.position)
	}
	before := b.count
	b.add(1, n.position)
	if b.tooMuch != nil {
		return n
	}
	switch from := from.(type) {
	case *ast.AnchorNode:
		return b.anchor(from, where, depth)
	case *ast.AliasNode:
		return b.alias(from, where)
	case *ast.MappingNode:
		if !from.IsFlowStyle && len(from.Values) > 0 { // its own token is the first colon
			n.position = positionOf(from.Values[0].Key.GetToken())
		}
		b.mapping(n, from.Values, where, depth)
	case *ast.MappingValueNode:
		n.position = positionOf(from.Key.GetToken())
		b.mapping(n, []*ast.MappingValueNode{from}, where, depth)
	case *ast.SequenceNode:
		n.kind = list
		for i, item := range from.Values {
			n.items = append(n.items, b.node(item, where.item(i), depth+1))
		}
	case *ast.TagNode:
		b.report(n.position, where, "a YAML tag is not used here", "delete the word that begins with !")
	default:
		n.kind, n.text = scalar(from)
	}
	n.size = b.count - before
	return n
}

func scalar(from ast.Node) (kind, string) {
	switch from := from.(type) {
	case *ast.NullNode:
		return null, ""
	case *ast.StringNode:
		return text, from.Value
	case *ast.LiteralNode:
		return text, from.Value.Value
	case *ast.IntegerNode:
		return number, from.Token.Value
	}
	if tk := from.GetToken(); tk != nil {
		return other, tk.Value
	}
	return other, ""
}

// anchor names a node. The name is known after the node only, so that no node
// can hold itself.
func (b *builder) anchor(from *ast.AnchorNode, where *path, depth int) *node {
	n := b.node(from.Value, where, depth+1)
	if from.Name != nil {
		b.anchors[nameOf(from.Name)] = n
	}
	return n
}

func (b *builder) alias(from *ast.AliasNode, where *path) *node {
	at := positionOf(from.GetToken())
	name := nameOf(from.Value)
	n, ok := b.anchors[name]
	if !ok {
		b.report(at, where, fmt.Sprintf("no anchor %s stands before this alias", quote(name)),
			"put a value that begins with * in quotes")
		return &node{position: at}
	}
	b.add(n.size, at)
	return n
}

func nameOf(from ast.Node) string {
	if from == nil || from.GetToken() == nil {
		return ""
	}
	return from.GetToken().Value
}

func (b *builder) mapping(n *node, values []*ast.MappingValueNode, where *path, depth int) {
	n.kind = mapping
	var merges []entry
	for _, pair := range values {
		e := entry{key: keyOf(pair.Key), position: positionOf(pair.Key.GetToken())}
		e.value = b.node(pair.Value, where.child(e.key), depth+1)
		if _, empty := pair.Value.(*ast.NullNode); empty {
			e.value.position = e.position // go-yaml's is behind the end of the line
		}
		if pair.Key.IsMergeKey() {
			merges = append(merges, e)
			continue
		}
		n.entries = append(n.entries, e)
	}
	b.merge(n, merges, where)
}

func keyOf(key ast.MapKeyNode) string {
	if key, ok := key.(*ast.MappingKeyNode); ok {
		return nameOf(key.Value)
	}
	return nameOf(key)
}

// merge adds the keys that a mapping does not have itself
// (https://yaml.org/type/merge.html): the first of several wins.
func (b *builder) merge(n *node, merges []entry, where *path) {
	if len(merges) == 0 {
		return
	}
	has := map[string]bool{}
	for _, e := range n.entries {
		has[e.key] = true
	}
	for _, from := range mergeSources(merges) {
		if from.kind == broken {
			continue
		}
		if from.kind != mapping {
			b.report(from.position, where.child("<<"), "a merge needs a mapping, not "+from.kind.String(), `name an anchor, such as "<<: *defaults"`)
			continue
		}
		b.add(from.size, from.position)
		if b.tooMuch != nil {
			return
		}
		n.entries = append(n.entries, slices.DeleteFunc(slices.Clone(from.entries), func(e entry) bool { return has[e.key] })...)
		for _, e := range from.entries {
			has[e.key] = true
		}
	}
}

// mergeSources are the nodes behind "<<: *a" and "<<: [*a, *b]".
func mergeSources(merges []entry) []*node {
	var sources []*node
	for _, e := range merges {
		if e.value.kind == list {
			sources = append(sources, e.value.items...)
			continue
		}
		sources = append(sources, e.value)
	}
	return sources
}
