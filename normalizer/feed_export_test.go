package normalizer

import (
	"time"

	"bantin/internal/article"
)

// What the external tests may call of the inside.

// ParseDate is parseDate in Vietnam's time.
func ParseDate(raw string) (time.Time, article.Precision, bool) {
	return parseDate(raw, vietnamTime())
}

// DecodeText is decodeText.
func DecodeText(body []byte, contentType string) ([]byte, []string) {
	return decodeText(body, contentType)
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
