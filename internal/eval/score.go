package eval

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// A Score counts what was found of what is there.
type Score struct {
	Right   int // found, and there
	Wrong   int // found, and not there
	Missing int // there, and not found
}

// Precision is how much of what was found is there; 1 when nothing was found.
func (s Score) Precision() float64 { return share(s.Right, s.Right+s.Wrong) }

// Recall is how much of what is there was found; 1 when nothing is there.
func (s Score) Recall() float64 { return share(s.Right, s.Right+s.Missing) }

// F1 is the harmonic mean of both.
func (s Score) F1() float64 { return share(2*s.Right, 2*s.Right+s.Wrong+s.Missing) }

func share(part, whole int) float64 {
	if whole == 0 {
		return 1
	}
	return float64(part) / float64(whole)
}

// one compares a single value: a wrong value is one that is wrong and one that
// is missing.
func (s *Score) one(got, want string) bool {
	got, want = plain(got), plain(want)
	if got == want {
		if want != "" {
			s.Right++
		}
		return true
	}
	if got != "" {
		s.Wrong++
	}
	if want != "" {
		s.Missing++
	}
	return false
}

// many compares lists whose order does not matter.
func (s *Score) many(got, want []string) bool {
	left := make(map[string]int)
	for _, w := range want {
		left[plain(w)]++
	}
	wrong := 0
	for _, g := range got {
		if left[plain(g)] > 0 {
			left[plain(g)]--
			s.Right++
		} else {
			wrong++
		}
	}
	missing := 0
	for _, n := range left {
		missing += n
	}
	s.Wrong += wrong
	s.Missing += missing
	return wrong+missing == 0
}

// plain is text as it is compared: NFC, one space between words.
func plain(s string) string { return norm.NFC.String(squeeze(s)) }

// A Mean is precision, recall and F1 as means over texts.
type Mean struct {
	precision, recall, f1 float64
	n                     int
}

// Precision is the mean of the texts' precisions.
func (m Mean) Precision() float64 { return m.precision / float64(max(m.n, 1)) }

// Recall is the mean of the texts' recalls.
func (m Mean) Recall() float64 { return m.recall / float64(max(m.n, 1)) }

// F1 is the mean of the texts' F1.
func (m Mean) F1() float64 { return m.f1 / float64(max(m.n, 1)) }

func (m *Mean) add(s Score) {
	m.precision += s.Precision()
	m.recall += s.Recall()
	m.f1 += s.F1()
	m.n++
}

// shingleLength in words: four in a row tell texts apart and still forgive a
// word at a border, as in the article extraction benchmark of Scrapinghub (2020).
const shingleLength = 4

// compareText compares two texts by the runs of words that they share.
func compareText(got, want string) Score {
	var s Score
	s.many(shingles(got), shingles(want))
	return s
}

func shingles(text string) []string {
	words := strings.Fields(norm.NFC.String(text))
	if len(words) < shingleLength {
		if len(words) == 0 {
			return nil
		}
		return []string{strings.Join(words, " ")}
	}
	runs := make([]string, 0, len(words))
	for i := range len(words) - shingleLength + 1 {
		runs = append(runs, strings.Join(words[i:i+shingleLength], " "))
	}
	return runs
}

// without leaves out the lines of a text that are among others: readers that
// keep the title and the captions in the text are not blamed for them.
func without(text string, others ...string) string {
	var kept []string
	for line := range strings.Lines(text) {
		if line = plain(line); line != "" && !slices.Contains(others, line) {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "\n")
}

// A Miss is a place where the reader and the editor do not agree.
type Miss struct {
	Where, What, Got, Want string
}

func (m Miss) String() string {
	return fmt.Sprintf("%s %s\n\tgot  %s\n\twant %s", m.Where, m.What, m.Got, m.Want)
}
