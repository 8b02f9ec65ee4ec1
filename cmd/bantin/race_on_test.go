//go:build race

package main

const (
	// raceEnabled tells that the race detector is on, under which memory says nothing.
	raceEnabled = true
	// longDocument is less then, because reading takes ten times as long.
	longDocument = 1_000_000
)
