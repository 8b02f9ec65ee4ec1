//go:build !race

package main

const (
	// raceEnabled tells that the race detector is on, under which memory says nothing.
	raceEnabled = false
	// longDocument is the length of documents that take long to read.
	longDocument = almost
)
