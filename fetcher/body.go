package fetcher

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// LargeBody is the length in bytes of a decoded body for which room is made
// first: several times the longest feed of a paper and longer than most pages of
// portals. 32 bodies that stop just below it take 12 MB.
const LargeBody = 384 << 10

// maxDrainBytes is how much of an unwanted body is read so that its connection
// can be used again; for more than an error page a new connection is cheaper.
const maxDrainBytes = 64 << 10

// Why a body that arrived is not taken.
var (
	errTooLarge    = errors.New("the body is too large")
	errBadEncoding = errors.New("the body has a content encoding that is not undone")
	errNoRoom      = errors.New("no room for a large body")
)

// readBody returns the whole decoded body, or an error: never a part, but for
// the part that is Enough.
func readBody(ctx context.Context, resp *http.Response, req Request, limit int64) ([]byte, error) {
	// The transport takes the header away when it decodes. What is left is
	// something that was not asked for, or stacked on the gzip (RFC 9110 §8.4).
	encoding := strings.Join(resp.Header.Values("Content-Encoding"), ", ")
	if encoding != "" && !strings.EqualFold(encoding, "identity") {
		return nil, fmt.Errorf("%w: %q, but only gzip was asked for", errBadEncoding, encoding)
	}
	arriving := arrival{body: resp.Body, length: resp.ContentLength, most: limit + 1, makeRoom: req.MakeRoom}
	if req.Enough > 0 {
		arriving.length, arriving.most = min(arriving.length, req.Enough), min(arriving.most, req.Enough)
	}
	if arriving.length > limit {
		return nil, fmt.Errorf("%w: more than %d bytes", errTooLarge, limit)
	}
	body, err := arriving.read(ctx)
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

// An arrival is a body on its way.
type arrival struct {
	body     io.Reader
	length   int64 // as it was announced; -1 where it was not
	most     int64 // bytes that are read
	makeRoom func(context.Context) error
}

// read reads the body. A large one goes into one piece of memory: growing a
// smaller one would take two.
func (a *arrival) read(ctx context.Context) ([]byte, error) {
	body := io.LimitReader(a.body, a.most)
	if a.length >= 0 && a.length <= LargeBody {
		whole := make([]byte, a.length)
		_, err := io.ReadFull(body, whole)
		return whole, err
	}
	start, err := io.ReadAll(io.LimitReader(body, LargeBody))
	if err != nil || len(start) < LargeBody {
		return start, err
	}
	if a.makeRoom != nil {
		if err := a.makeRoom(ctx); err != nil {
			return nil, fmt.Errorf("%w: %w", errNoRoom, err)
		}
	}
	size := a.most
	if a.length > 0 {
		size = a.length
	}
	whole := bytes.NewBuffer(make([]byte, 0, size+bytes.MinRead)) // with less than MinRead free, ReadFrom grows it
	whole.Write(start)
	_, err = whole.ReadFrom(body)
	return whole.Bytes(), err
}

func drain(body io.Reader) {
	_, _ = io.CopyN(io.Discard, body, maxDrainBytes) // an error ends the connection, nothing else
}

func hash(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}
