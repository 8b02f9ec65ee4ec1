package config

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"bantin/internal/vietnamese"
)

func didYouMean(word string) string { return fmt.Sprintf("did you mean %q?", word) }

// suggest returns the known word that was probably meant, empty when none is
// near, and a hint: the word, or all that are known when they are few.
func suggest(word string, known []string) (guess, hint string) {
	const few = 40 // the topics of the taxonomy fit, the provinces do not
	if guess := nearest(word, known); guess != "" {
		return guess, didYouMean(guess)
	}
	switch {
	case len(known) == 0:
		return "", "none is known"
	case len(known) > few:
		return "", fmt.Sprintf("ids are names without accents, such as %q", known[0])
	}
	return "", "known: " + strings.Join(known, ", ")
}

// nearest is the known word with the fewest slips of the pen between them: one,
// or one in three letters. A name that is written with its accents or in
// capitals has none.
func nearest(word string, known []string) string {
	// No known word is longer, and the distance takes as long as both are.
	const longest = 64
	if utf8.RuneCountInString(word[:min(len(word), 4*longest)]) > longest {
		return ""
	}
	slug := []rune(slugOf(word))
	best, least := "", max(1, len(slug)/3)+1
	for _, candidate := range known {
		if d := distance(slug, []rune(slugOf(candidate))); d < least {
			best, least = candidate, d
		}
	}
	return best
}

func slugOf(word string) string { return vietnamese.Slug(word) }

// distance counts the letters to add, drop, change or swap with their neighbour
// (optimal string alignment).
func distance(a, b []rune) int {
	var before []int
	above := make([]int, len(b)+1)
	for j := range above {
		above[j] = j
	}
	for i := range a {
		row := make([]int, len(b)+1)
		row[0] = i + 1
		for j := range b {
			change := above[j]
			if a[i] != b[j] {
				change++
			}
			row[j+1] = min(change, above[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, above = above, row
	}
	return above[len(b)]
}
