// Package opml reads and writes lists of subscriptions in OPML 2.0
// (http://opml.org/spec2.opml), which every feed reader imports and exports.
//
// It is faithful: an address is what the file says, and whether it may be fetched
// is for the caller to decide. A file from elsewhere may be made to harm, so its
// size, its depth and the number of its outlines are bounded, and one that
// declares entities is refused, although encoding/xml would not expand them:
// nobody writes such a list in good faith. Nothing that a file names is ever
// opened.
//
// Many lists are typed by hand, so a bare & or an unknown entity is no fault.
package opml
