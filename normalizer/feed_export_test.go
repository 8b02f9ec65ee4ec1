package normalizer

import (
	"time"

	"bantin/internal/article"
)

// What the external tests may call of the inside.

// DateRules are what ParseDate is told beside the date.
type DateRules struct {
	Order   article.DateOrder
	Fetched time.Time
	Address string
}

// ParseDate is parseDate in Vietnam's time.
func ParseDate(raw string, rules DateRules) (time.Time, article.Precision, bool) {
	zone := vietnamTime()
	return parseDate(raw, dateRules{zone: zone, order: rules.Order, fetched: rules.Fetched, address: addressPeriod(rules.Address, zone)})
}

// AddressPeriod is what an address says of the date of its article.
func AddressPeriod(link string) string {
	if p := addressPeriod(link, vietnamTime()); !p.from.IsZero() {
		return p.String()
	}
	return ""
}

// DecodeText is decodeText.
func DecodeText(body []byte, contentType string) ([]byte, []string) {
	return decodeText(body, contentType)
}

// FontEncoding is fontEncoding.
func FontEncoding(text string) string { return fontEncoding(text) }

// LooksEncoded reports whether text would be decoded once more: it begins with a
// mark, looks like UTF-16, or like UTF-8 that was encoded twice.
func LooksEncoded(text []byte) bool {
	encoded, rest := byteOrderMark(text)
	return encoded != nil || len(rest) < len(text) || wideEncoding(text) != nil || encodedTwice(text)
}

// TidyJSON is tidyJSON.
func TidyJSON(text []byte) []byte { return tidyJSON(text) }

// DropIllegal is dropIllegal.
func DropIllegal(text []byte) []byte {
	legal, _ := dropIllegal(text)
	return legal
}

// Survey scans a document and says why it would be refused.
func Survey(text []byte) error {
	shape := survey(text)
	return shape.refused
}

// KeyOf is the part of a fingerprint that comes from the id of the article.
func KeyOf(id string) uint64 { return key(id) }

// KeyMask selects that part.
const KeyMask = keyMask
