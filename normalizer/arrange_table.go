package normalizer

import (
	"strings"
)

// dissolveTables makes a figure of a table with one picture and the line under
// it, the way that Vietnamese editors have set captions since Word, and
// paragraphs of a table of one row or one column: it was there for the layout.
func (a *arrangement) dissolveTables() bool {
	changed := false
	for start := 0; start < len(a.blocks); start++ {
		if a.blocks[start].kind != startBlock || a.blocks[start].tag != "table" {
			continue
		}
		t := a.measureTable(start)
		switch {
		case t.figures == 1 && t.rows <= 2 && t.words <= maxCaptionWords:
			a.frame(start, t.end)
			changed = true
		case t.rows < 2 || t.columns < 2:
			a.dissolve(start, t.end)
			changed = true
		}
		start = t.end
	}
	if changed {
		a.blocks = compact(a.blocks)
	}
	return changed
}

// A tableSize is what tells a table of data from one for the layout. The words
// are those of its texts and captions.
type tableSize struct{ end, rows, columns, figures, words int }

// measureTable measures the table that starts at start.
func (a *arrangement) measureTable(start int) tableSize {
	var t tableSize
	cells := 0
	for t.end = start; ; t.end++ {
		one := &a.blocks[t.end]
		switch {
		case one.kind == startBlock && one.tag == "tr":
			t.rows++
			cells = 0
		case one.kind == startBlock && (one.tag == "td" || one.tag == "th"):
			cells++
			t.columns = max(t.columns, cells)
		case one.kind == figureBlock:
			t.figures++
			t.words += len(strings.Fields(one.captionText()))
		case one.kind == textBlock:
			t.words += len(strings.Fields(one.text()))
		case one.kind == endBlock && one.tag == "table":
			return t
		}
	}
}

// frame leaves of a table its figure, with all its texts as caption.
func (a *arrangement) frame(start, end int) {
	figure := block{kind: figureBlock}
	for i := start; i <= end; i++ {
		one := &a.blocks[i]
		switch one.kind {
		case figureBlock:
			figure.image.URL, figure.alt = one.image.URL, one.alt
			figure.addCaption(one.image.Caption)
			figure.addCaption(one.credit)
		case textBlock:
			for j := range one.lines {
				figure.addCaption(one.lines[j].text)
			}
		case startBlock, endBlock:
		}
		*one = block{kind: textBlock}
	}
	a.blocks[start] = figure
}

// dissolve marks the edges of a table and its cells as nothing.
func (a *arrangement) dissolve(start, end int) {
	for i := start; i <= end; i++ {
		switch a.blocks[i].kind {
		case startBlock, endBlock:
			a.blocks[i] = block{kind: textBlock}
		case textBlock:
			a.blocks[i].tag = "p"
		case figureBlock:
		}
	}
}

// joinBare joins the texts that follow each other in a list item or a cell: they
// have no paragraphs of their own, only lines.
func (a *arrangement) joinBare() {
	var around []string
	kept := a.blocks[:0]
	for _, one := range a.blocks {
		switch one.kind {
		case startBlock:
			around = append(around, one.tag)
		case endBlock:
			around = around[:len(around)-1]
		case textBlock:
			if len(around) == 0 || around[len(around)-1] == "blockquote" {
				break
			}
			one.tag = ""
			if last := len(kept) - 1; kept[last].kind == textBlock {
				kept[last].lines = append(kept[last].lines, one.lines...)
				continue
			}
		case figureBlock:
		}
		kept = append(kept, one)
	}
	a.blocks = kept
}
