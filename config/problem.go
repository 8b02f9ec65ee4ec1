package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// A Problem is one thing that is wrong with a file, and where.
type Problem struct {
	File         string
	Line, Column int    // from 1, in characters; 0 when the whole file is meant
	Path         string // sources[3].schedule; empty for the whole file
	Message      string
	Hint         string // what to do about it; may be empty
}

// String is the problem on one line, in the form that editors can jump to.
func (p Problem) String() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", p.Line, p.Column)
	}
	if p.Path != "" {
		b.WriteString(": " + p.Path)
	}
	b.WriteString(": " + p.Message)
	if p.Hint != "" {
		b.WriteString("; " + p.Hint)
	}
	return b.String()
}

// An Error holds all problems of a file, in the order of their positions.
type Error struct {
	Problems []Problem // at least one
}

// Error has one problem a line.
func (e *Error) Error() string {
	lines := make([]string, len(e.Problems))
	for i, problem := range e.Problems {
		lines[i] = problem.String()
	}
	return strings.Join(lines, "\n")
}

func newError(file string, problems []Problem) *Error {
	for i := range problems {
		problems[i].File = file
	}
	slices.SortStableFunc(problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Path, b.Path))
	})
	// What an alias repeats is one problem, not one for each of its paths.
	problems = slices.CompactFunc(problems, func(a, b Problem) bool {
		a.Path = b.Path
		return a == b
	})
	return &Error{Problems: problems}
}

// quote shows a piece of the file in a message: on one line, not endless, and
// without the password that a URI may carry.
func quote(text string) string { return fmt.Sprintf("%q", clip(mask(text), 60)) }

// clip keeps the first runes of a text, enough to recognise it.
func clip(text string, most int) string {
	for i := range text {
		if most == 0 {
			return text[:i] + "…"
		}
		most--
	}
	return text
}
