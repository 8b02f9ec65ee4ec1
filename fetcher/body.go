package fetcher

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// maxTrustedLength is the longest announced length that memory is set aside
// for: most feeds are shorter, and a server that announces it on each of 32
// connections and sends nothing costs 32 MB.
const maxTrustedLength = 1 << 20

// maxDrainBytes is how much of an unwanted body is read so that its connection
// can be used again; for more than an error page a new connection is cheaper.
const maxDrainBytes = 64 << 10

// Why a body that arrived is not taken.
var (
	errTooLarge    = errors.New("the body is too large")
	errBadEncoding = errors.New("the body has a content encoding that is not undone")
)

// readBody returns the whole decoded body, or an error: never a part.
func readBody(resp *http.Response, limit int64) ([]byte, error) {
	// The transport takes the header away when it decodes. What is left is
	// something that was not asked for, or stacked on the gzip (RFC 9110 §8.4).
	encoding := strings.Join(resp.Header.Values("Content-Encoding"), ", ")
	if encoding != "" && !strings.EqualFold(encoding, "identity") {
		return nil, fmt.Errorf("%w: %q, but only gzip was asked for", errBadEncoding, encoding)
	}
	if resp.ContentLength > limit {
		return nil, fmt.Errorf("%w: more than %d bytes", errTooLarge, limit)
	}
	body, err := readAtMost(resp, limit+1)
	switch {
	case err != nil:
		return nil, fmt.Errorf("read body: %w", err)
	case int64(len(body)) > limit:
		return nil, fmt.Errorf("%w: more than %d bytes", errTooLarge, limit)
	case bytes.HasPrefix(body, []byte("\x1f\x8b")): // RFC 1952 §2.3.1
		return nil, fmt.Errorf("%w: still gzip after decoding", errBadEncoding)
	}
	return body, nil
}

func readAtMost(resp *http.Response, limit int64) ([]byte, error) {
	if resp.ContentLength >= 0 && resp.ContentLength <= maxTrustedLength {
		body := make([]byte, resp.ContentLength)
		_, err := io.ReadFull(resp.Body, body)
		return body, err
	}
	return io.ReadAll(io.LimitReader(resp.Body, limit))
}

func drain(body io.Reader) {
	_, _ = io.CopyN(io.Discard, body, maxDrainBytes) // an error ends the connection, nothing else
}

func hash(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}
