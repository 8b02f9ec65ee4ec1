// Package normalizer turns the bytes of feeds and pages into articles: the
// title, date, lead, body, byline, captions, places and topics that a careful
// editor would have typed, and nothing of the portal's furniture.
//
// It is pure: no network, no disk, no clock, no logger, no package state. The
// same document gives the same articles, so yesterday's bytes can be read again
// with today's rules. Because it has no clock, a date such as "15 giờ trước"
// (15 hours ago) is unknown to it.
//
// A feed goes this way, each step in a file of its own:
//
//	charset.go    bytes → valid UTF-8; a false declaration does not win
//	repair.go     what XML forbids goes; the root element is found
//	challenge.go  a page or a bot wall in place of the feed is told apart
//	depth.go      one scan: depth, items, where a truncated document can be cut
//	cut.go        items whose bytes were seen before go no further
//	decode.go     gofeed decodes RSS and Atom; JSON Feed is read item by item
//	salvage.go    what gofeed cannot read is read one item at a time
//	item.go       one small function per field of an article
//	date.go       the raw date string → time and precision
//	body.go       HTML → the canonical body, lead, byline, pictures
//	tag.go        places (places.go) and topics (topics.go)
//	hash.go       the fingerprint of all that the source said
//	hints.go      when the source asks to be read again, and its rhythm
//
// A page goes through charset.go too, and then to listing.go, which finds the
// links to articles, by the operator's selector (select.go) or by structure, or to
// page.go, which finds the article by the operator's rules (rules.go), by the pack
// of the family of portals (packs.go, packs/) or by where the text is densest
// (density.go), with what stands beside it (widen.go), and what no name tells by the
// order of its lines (position.go). related.go leaves out the cards of other
// articles, and dateline.go the paper's name before the text. head.go reads what the
// page tells machines, published.go weighs it against what it shows, told.go takes
// the text from there where the page shows only its beginning, learned.go knows the lines of a host, and removal.go says what the
// article did not keep. For a source that is not configured yet, links.go finds
// the feeds of its site, and propose.go a selector of its articles.
//
// What always holds: no input makes it panic or run without bound; every string
// that comes out is valid UTF-8 in NFC; a date is never invented; one bad item
// never drops its feed; whatever is repaired or left out is a warning; a word of
// the source is never changed.
//
// gofeed is kept on a short lead because encoding/xml gives up on the first
// fault and gofeed recurses into nested extensions until the stack ends, which
// recover cannot catch. So the scan refuses deep nesting before gofeed sees a
// byte; recover stands behind it only as a second net.
package normalizer
