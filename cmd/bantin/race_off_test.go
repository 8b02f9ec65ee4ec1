//go:build !race

package main

// raceEnabled tells that the race detector is on, under which memory says nothing.
const raceEnabled = false
