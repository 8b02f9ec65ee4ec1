// Package vietnamese holds what is particular to Vietnamese text: NFC, the two
// ways to place a tone mark, đ, syllables, the ends of sentences, numbers with
// their units, and what a comparison may ignore. It changes what is shown only as
// far as Clean says; spelling is never corrected.
//
// Texts are compared on three levels. Clean is exact. Fold ignores case, the
// placement of the tone and the kinds of dashes and quotation marks; texts that
// are equal so are the same words. FoldUnaccented ignores all accents too; names
// that are equal so may be of different places (Phú Yên, Phù Yên).
package vietnamese
