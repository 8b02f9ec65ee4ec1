// Package config turns bantin.yaml into a Config that the other rooms can use as
// it is: times parsed, schedules built, defaults filled in. Nothing changes it
// after it is loaded.
//
// It is strict. A key that nothing reads, a word that nothing knows and a value
// that cannot work are problems, because a typo that is ignored is found weeks
// later by a reader. All problems of a file are reported together, each with its
// line, column, key path and, where one is known, what to write instead.
//
// So the file is not decoded into structs, which would stop at the first
// mismatch: it becomes a small tree of nodes that know their positions (yaml.go),
// and one function for each part walks it (decode.go, values.go). A Config is
// only handed out when there was no problem at all.
//
// Anchors, aliases and merge keys (<<) work, so that sources can share settings.
// Tags, directives and a second document are refused: nothing needs them.
//
// The file may come from anyone, so its size, its depth and what its aliases
// multiply to are bounded before anything recurses.
//
// Every default stands in defaults.go and nowhere else.
package config
