package publisher

import (
	"fmt"
	"log/slog"
	"strings"
)

// A Token is the secret in the path of a channel that only those may read who
// were given its address. It hides itself wherever it is printed, logged or
// encoded; string(token) is the token itself.
type Token string

const maskedToken = "xxxxx"

// String does not tell the token.
func (t Token) String() string {
	if t == "" {
		return ""
	}
	return maskedToken
}

// GoString is the same for %#v.
func (t Token) GoString() string { return fmt.Sprintf("%q", t.String()) }

// LogValue is the same for slog.
func (t Token) LogValue() slog.Value { return slog.StringValue(t.String()) }

// MarshalText is the same for encoders.
func (t Token) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// secretHome is where the channels with a token stand.
const secretHome = "/s/"

// shown is a path as a message may name it.
func shown(path string) string {
	if strings.HasPrefix(path, secretHome) {
		return secretHome + maskedToken
	}
	return path
}
