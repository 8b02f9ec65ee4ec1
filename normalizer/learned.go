package normalizer

import (
	"fmt"
	"hash/fnv"
)

const (
	// edgeCount is how many short lines at each end of a body are told: portals
	// put theirs around the article, or between a few of its paragraphs.
	edgeCount = 10
	// learnedShare: what a host is known for is at most a fifth of an article. If
	// more of it were to go, its articles are all alike, and are articles still.
	learnedShare = 5
)

// lineHash is a line as it is counted.
func lineHash(text string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(bareLine(text))) // it never fails
	return h.Sum64()
}

func hashSet(hashes []uint64) map[uint64]bool {
	if len(hashes) == 0 {
		return nil
	}
	set := make(map[uint64]bool, len(hashes))
	for _, one := range hashes {
		set[one] = true
	}
	return set
}

// edgeLines are the hashes of the short lines of a body at its ends, each once,
// and of those that were taken out of it as learned: they must go on being
// counted, or they would be forgotten and come back.
func edgeLines(blocks []block, learned []uint64) []uint64 {
	var short []uint64
	eachLine(blocks, func(one *block, i int) {
		if text := one.lines[i].text; len(text) <= maxChromeBytes && bareLine(text) != "" {
			short = append(short, lineHash(text))
		}
	})
	if len(short) > 2*edgeCount {
		short = append(short[:edgeCount:edgeCount], short[len(short)-edgeCount:]...)
	}
	var lines []uint64
	seen := map[uint64]bool{}
	for _, one := range append(learned, short...) {
		if !seen[one] {
			seen[one] = true
			lines = append(lines, one)
		}
	}
	return lines
}

// eachLine calls do for each line of text outside of tables of data.
func eachLine(blocks []block, do func(one *block, line int)) {
	inTable := false
	for i := range blocks {
		one := &blocks[i]
		if one.tag == "table" {
			inTable = one.kind == startBlock
		}
		if one.kind != textBlock || inTable {
			continue
		}
		for j := range one.lines {
			do(one, j)
		}
	}
}

// dropLearned drops the lines for which the host is known, and returns them. Only
// whole lines go, and never much of an article.
func (a *arrangement) dropLearned(known map[uint64]bool) []uint64 {
	if len(known) == 0 {
		return nil
	}
	var found []uint64
	total, size := 0, 0
	eachLine(a.blocks, func(one *block, i int) {
		text := one.lines[i].text
		total += len(text)
		if len(text) <= maxChromeBytes && known[lineHash(text)] {
			found = append(found, lineHash(text))
			size += len(text)
		}
	})
	if len(found) == 0 {
		return nil
	}
	if size*learnedShare > total {
		a.warnings = append(a.warnings, fmt.Sprintf("%d lines that most articles of this host have were kept: they are much of the text", len(found)))
		return found
	}
	inTable := false
	for i := range a.blocks {
		one := &a.blocks[i]
		if one.tag == "table" {
			inTable = one.kind == startBlock
		}
		if one.kind == textBlock && !inTable {
			a.dropLearnedLines(one, known)
		}
	}
	return found
}

func (a *arrangement) dropLearnedLines(one *block, known map[uint64]bool) {
	kept := one.lines[:0]
	for _, l := range one.lines {
		if len(l.text) <= maxChromeBytes && known[lineHash(l.text)] {
			a.remove(l.text, reasonLearned)
			continue
		}
		kept = append(kept, l)
	}
	one.lines = kept
}
