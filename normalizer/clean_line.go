package normalizer

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"bantin/internal/vietnamese"
)

// newLine makes a line of the pieces that were written: texts cleaned, empty
// elements dropped, an element that ends and begins again joined.
func newLine(pieces []piece) line {
	parts := partsOf(pieces)
	pieces = joinPieces(append([]piece(nil), pieces...))
	var text strings.Builder
	space := true // at the start of the line white space is dropped
	for i := range pieces {
		if pieces[i].kind != textPiece {
			continue
		}
		pieces[i].text, space = cleanText(pieces[i].text, space)
		text.WriteString(pieces[i].text)
	}
	one := line{pieces: pieces, text: text.String(), parts: parts}
	one.trimRight()
	one.pieces = joinPieces(one.pieces)
	return one
}

// partsOf are the texts of a line that is short enough to be a portal's: tools
// stand side by side in elements of their own.
func partsOf(pieces []piece) []string {
	size, texts := 0, 0
	for i := range pieces {
		if pieces[i].kind == textPiece && !isBlank(pieces[i].text) {
			texts++
			size += len(pieces[i].text)
		}
	}
	if texts < 2 || size > maxChromeBytes {
		return nil
	}
	parts := make([]string, 0, texts)
	for i := range pieces {
		if pieces[i].kind == textPiece && !isBlank(pieces[i].text) {
			parts = append(parts, vietnamese.Clean(pieces[i].text))
		}
	}
	return parts
}

// cleanText is Clean for a part of a line: white space at its edges stays as
// one space, except after a space.
func cleanText(s string, afterSpace bool) (cleaned string, endsInSpace bool) {
	cleaned = vietnamese.Clean(strings.TrimSpace(s))
	first, _ := utf8.DecodeRuneInString(s)
	last, _ := utf8.DecodeLastRuneInString(s)
	if !afterSpace && unicode.IsSpace(first) {
		cleaned = " " + cleaned
	}
	if strings.HasSuffix(cleaned, " ") || cleaned == "" {
		return cleaned, afterSpace || cleaned != ""
	}
	if unicode.IsSpace(last) {
		return cleaned + " ", true
	}
	return cleaned, false
}

// trimRight takes the white space off the end of a line.
func (l *line) trimRight() {
	l.cut(len(l.text) - len(strings.TrimRight(l.text, " ")))
}

// cut takes n bytes off the end of the text of a line.
func (l *line) cut(n int) {
	l.text = l.text[:len(l.text)-n]
	for i := len(l.pieces) - 1; i >= 0 && n > 0; i-- {
		if l.pieces[i].kind != textPiece {
			continue
		}
		part := min(n, len(l.pieces[i].text))
		l.pieces[i].text = l.pieces[i].text[:len(l.pieces[i].text)-part]
		n -= part
	}
}

// cutLeft takes n bytes off the beginning of the text of a line.
func (l *line) cutLeft(n int) {
	l.text = l.text[n:]
	for i := 0; i < len(l.pieces) && n > 0; i++ {
		if l.pieces[i].kind != textPiece {
			continue
		}
		part := min(n, len(l.pieces[i].text))
		l.pieces[i].text = l.pieces[i].text[part:]
		n -= part
	}
	l.pieces, l.parts = joinPieces(l.pieces), nil
}

// joinPieces drops empty elements, joins an element with its continuation, and
// then texts with the texts that follow.
func joinPieces(pieces []piece) []piece {
	kept := pieces[:0]
	for _, p := range pieces {
		last := len(kept) - 1
		switch {
		case p.kind == textPiece && p.text == "":
		case last >= 0 && p.endsWhere(kept[last]):
			kept = kept[:last]
		default:
			kept = append(kept, p)
		}
	}
	return joinTexts(kept)
}

// endsWhere reports whether p right after other leaves nothing of both: an
// element without content, or one that ends where the next of its kind begins.
func (p piece) endsWhere(other piece) bool {
	if p.kind == textPiece || p.tag != other.tag {
		return false
	}
	return p.kind == closePiece && other.kind == openPiece || p.kind == openPiece && other.kind == closePiece && p.tag != "a"
}

func joinTexts(pieces []piece) []piece {
	kept := pieces[:0]
	for i := 0; i < len(pieces); i++ {
		p := pieces[i]
		if p.kind == textPiece && i+1 < len(pieces) && pieces[i+1].kind == textPiece {
			var all strings.Builder
			for ; i < len(pieces) && pieces[i].kind == textPiece; i++ {
				all.WriteString(pieces[i].text)
			}
			i--
			p.text = all.String()
		}
		kept = append(kept, p)
	}
	return kept
}
