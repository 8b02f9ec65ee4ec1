// Package eval measures how well articles are read: it compares what a reader
// makes of the pages, feeds and judgements in normalizer/testdata/eval with what
// a careful editor wrote down for them.
//
// Any reader can be measured; Bantin is ours. The figures are precision, recall and F1; those of bodies
// are means over the pages, so that a long report counts no more than a notice.
package eval
