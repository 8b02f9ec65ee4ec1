// Package pipeline leads the data through the stages: it knows which sources are
// due, refreshes each (fetch, normalize, decide the channels, commit) and turns
// the store into the site that is published.
//
// It is the only package that knows all stages; the stages do not know each
// other. What always holds: the validators of a source are committed with or
// after every article of the body that they stand for; a failure changes the
// state of its own source and nothing else; what is published is a function of
// the store.
package pipeline
