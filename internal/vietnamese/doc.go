// Package vietnamese holds what is particular to Vietnamese text: NFC, the two
// ways to place a tone mark, đ, and what a comparison may ignore. It changes
// what is shown only as far as Clean says; spelling is never corrected.
package vietnamese
