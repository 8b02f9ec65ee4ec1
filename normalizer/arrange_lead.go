package normalizer

import (
	"strings"
	"unicode/utf8"
)

// minLeadRunes keeps a heading in bold from being taken for a lead; the shortest
// leads of the press have about twice as many.
const minLeadRunes = 60

// takeLead takes the lead out of the body: the first paragraph, where the page
// calls it so or sets all of it in bold, as the press does.
func (a *arrangement) takeLead(first bool) bool {
	for i := range a.blocks {
		one := &a.blocks[i]
		if one.kind == figureBlock {
			first = false
			continue
		}
		isLead := one.lead || one.isBoldLead() || first && (a.isFirstLead(i) || one.isAllLead("em"))
		if one.kind != textBlock || !a.hasTextAfterBlock(i) || !isLead {
			return false
		}
		a.lead, one.lines = one.text(), nil
		a.dropSecondLead(i + 1)
		a.blocks = compact(a.blocks)
		return true
	}
	return false
}

// dropSecondLead drops the text that follows the lead where it is the lead again:
// some portals put it above the picture and below.
func (a *arrangement) dropSecondLead(from int) {
	for i := from; i < len(a.blocks); i++ {
		one := &a.blocks[i]
		if one.kind != textBlock || len(one.lines) == 0 {
			continue
		}
		if one.text() == a.lead && a.hasTextAfterBlock(i) {
			one.lines = nil
		}
		return
	}
}

// isFirstLead reports whether the paragraph at i, right below the title, is long
// enough for a lead and opens a text of more than a few lines.
func (a *arrangement) isFirstLead(i int) bool {
	text := a.blocks[i].text()
	paragraphs := 0
	for j := range a.blocks {
		for k := range a.blocks[j].lines {
			if isParagraph(a.blocks[j].lines[k].text) {
				paragraphs++
			}
		}
	}
	return isParagraph(text) && len(strings.Fields(text)) <= maxLeadWords && paragraphs > 3
}

func (a *arrangement) hasTextAfterBlock(i int) bool {
	for _, one := range a.blocks[i+1:] {
		if one.kind == textBlock && len(one.lines) > 0 {
			return true
		}
	}
	return false
}

func (b *block) isBoldLead() bool {
	return b.isAllLead("strong")
}

// isAllLead reports whether a paragraph is long enough for a lead and all in an
// element.
func (b *block) isAllLead(tag string) bool {
	return b.tag == "p" && len(b.lines) == 1 && b.lines[0].isAll(tag) &&
		utf8.RuneCountInString(b.lines[0].text) >= minLeadRunes
}

// maxHeadingWords is above the longest subheadings.
const maxHeadingWords = 20

// settleEmphasis makes a short paragraph in bold the heading that it stands for,
// and takes emphasis off paragraphs that have nothing else: what is all
// emphasised is not emphasised.
func (a *arrangement) settleEmphasis() {
	depth := 0
	for i := range a.blocks {
		one := &a.blocks[i]
		switch {
		case one.kind == startBlock:
			depth++
		case one.kind == endBlock:
			depth--
		case one.kind != textBlock || depth > 0:
		case one.tag != "p":
			one.unwrap("strong")
		default:
			if a.isHeading(i) {
				one.tag = "h3"
			}
			one.unwrap("strong")
			one.unwrap("em")
		}
	}
}

// isHeading reports whether the paragraph at i is a short one in bold over others.
func (a *arrangement) isHeading(i int) bool {
	lines := a.blocks[i].lines
	return len(lines) == 1 && lines[0].isAll("strong") && !endsClause(lines[0].text) &&
		len(strings.Fields(lines[0].text)) <= maxHeadingWords && a.hasTextAfterBlock(i)
}

// unwrap takes an element off a block where it is around all of every line.
func (b *block) unwrap(tag string) {
	for i := range b.lines {
		if !b.lines[i].isAll(tag) {
			return
		}
	}
	for i := range b.lines {
		var kept []piece
		for _, p := range b.lines[i].pieces {
			if p.kind == textPiece || p.tag != tag {
				kept = append(kept, p)
			}
		}
		b.lines[i] = newLine(kept)
	}
}
