package pipeline

import (
	"cmp"
	"math/bits"
	"slices"

	"bantin/internal/article"
	"bantin/normalizer"
)

const (
	// A line is the portal's when it stood in five articles at least, and in three
	// quarters of the last 16. A formula of officials comes again too, but not in
	// most articles; and what a new layout adds is learnt after 12 articles.
	chromeArticles = 5
	recentPages    = 16
	// A line that stood in one article only, and not in the last four, is a
	// sentence of that article.
	singlePages = 4
	// maxLines bounds what is kept of a source: a page adds up to 20 lines, of
	// which few come again.
	maxLines = 300
	// siblingPages is how many pages tell what is usual.
	siblingPages = 5
)

// pageHabits are the habits of a source's article pages while more of them are
// read. They are the source's and not the host's: a source is one section with one
// layout, and its state is its own.
type pageHabits struct{ habits article.PageHabits }

// newPageHabits begins with what is known, and leaves the state that holds it as it is.
func newPageHabits(known article.SourceState) *pageHabits {
	h := known.Habits.Pages
	h.Lines, h.Texts = slices.Clone(h.Lines), slices.Clone(h.Texts)
	return &pageHabits{h}
}

// add counts a page that was read for the first time.
func (p *pageHabits) add(page normalizer.PageResult) {
	h := &p.habits
	h.Read++
	if h.Texts = append(h.Texts, article.PageTexts{Share: page.KeptShare, Bytes: page.TextBytes}); len(h.Texts) > recentPages {
		h.Texts = h.Texts[1:]
	}
	at := make(map[uint64]int, len(h.Lines))
	for i := range h.Lines {
		h.Lines[i].Recent <<= 1
		at[h.Lines[i].Hash] = i
	}
	for _, hash := range page.Lines {
		i, known := at[hash]
		if !known {
			i = len(h.Lines)
			at[hash] = i
			h.Lines = append(h.Lines, article.PageLine{Hash: hash})
		}
		h.Lines[i].Articles++
		h.Lines[i].Recent |= 1
	}
	p.forget()
}

// forget drops the lines that are no longer worth counting.
func (p *pageHabits) forget() {
	h := &p.habits
	h.Lines = slices.DeleteFunc(h.Lines, func(line article.PageLine) bool {
		return line.Recent == 0 || line.Articles == 1 && line.Recent >= 1<<singlePages
	})
	if len(h.Lines) <= maxLines {
		return
	}
	slices.SortStableFunc(h.Lines, func(a, b article.PageLine) int { return cmp.Compare(count(b), count(a)) })
	h.Lines = h.Lines[:maxLines]
}

func count(line article.PageLine) int { return bits.OnesCount16(line.Recent) }

// chrome are the lines that are the portal's.
func (p *pageHabits) chrome() []uint64 {
	last := min(p.habits.Read, recentPages)
	var lines []uint64
	for _, line := range p.habits.Lines {
		if line.Articles >= chromeArticles && 4*count(line) >= 3*last {
			lines = append(lines, line.Hash)
		}
	}
	return lines
}

// siblings are what is usual of the pages; zero while too few were read.
func (p *pageHabits) siblings() normalizer.Siblings {
	texts := p.habits.Texts
	if len(texts) < siblingPages {
		return normalizer.Siblings{}
	}
	shares, sizes := make([]float64, len(texts)), make([]int, len(texts))
	for i, one := range texts {
		shares[i], sizes[i] = one.Share, one.Bytes
	}
	slices.Sort(shares)
	slices.Sort(sizes)
	middle := len(texts) / 2
	return normalizer.Siblings{KeptShare: shares[middle], TextBytes: sizes[middle]}
}
