package main

import (
	"io"
	"strings"

	"bantin/publisher"
)

// hideTokens replaces the tokens of secret channels in all that the program
// prints of errors and events: the message of a file system or of a library may
// hold the path of a document, which nobody here put there.
func hideTokens(channels []publisher.Channel) *strings.Replacer {
	var pairs []string
	for _, c := range channels {
		if c.Token != "" {
			pairs = append(pairs, string(c.Token), c.Token.String())
		}
	}
	return strings.NewReplacer(pairs...)
}

// A hidingWriter hides tokens in what is written in one piece, as log records are.
type hidingWriter struct {
	to     io.Writer
	tokens *strings.Replacer
}

// Write reports the length of what it was given, whatever became of it.
func (w hidingWriter) Write(record []byte) (int, error) {
	if _, err := w.tokens.WriteString(w.to, string(record)); err != nil {
		return 0, err
	}
	return len(record), nil
}

// A hiddenError is an error with its tokens hidden.
type hiddenError struct {
	err    error
	tokens *strings.Replacer
}

func (e *hiddenError) Error() string { return e.tokens.Replace(e.err.Error()) }

// Unwrap returns the error itself.
func (e *hiddenError) Unwrap() error { return e.err }
