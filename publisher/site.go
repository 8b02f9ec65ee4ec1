package publisher

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// A Site is every output as bytes, ready to be served. It is read-only.
type Site struct {
	files    map[string]*File
	notFound *File               // for what is not there
	answers  map[string][]answer // of each file, for Handler
}

// A File is one document in the encodings in which it is served.
type File struct {
	Body         []byte
	Encoded      []Encoded // the best first; none where it would not be smaller
	ContentType  string
	ETag         string        // strong, of Body (RFC 9110 §8.8.3)
	LastModified time.Time     // when content last came or went; zero when it never did
	MaxAge       time.Duration // how long it may be kept without asking again
	Link         string        // the header of that name; may be empty
	Topic        string        // the public address that hubs are told of; may be empty
}

// Encoded is a File in a content coding (RFC 9110 §8.4.1).
type Encoded struct {
	Coding string // br, zstd or gzip
	Suffix string // of the file beside the plain one: .br, .zst or .gz
	Body   []byte
	ETag   string // strong, of Body: another encoding is another representation
}

// Paths are the paths of all files, sorted. A path that ends with "/" is an
// HTML page.
func (s *Site) Paths() []string {
	return slices.Sorted(maps.Keys(s.files))
}

// File returns the file at a path.
func (s *Site) File(path string) (*File, bool) {
	f, ok := s.files[path]
	return f, ok
}

// A press makes files. It keeps the compressors, whose tables take some
// megabytes.
type press struct {
	compressors []compressor
}

type compressor struct {
	coding, suffix string
	writer         interface {
		Reset(io.Writer)
		io.WriteCloser
	}
}

// The levels are good bargains on Vietnamese feeds, measured: a site is rendered
// again whenever news come in, so speed counts.
const (
	brotliLevel = 5 // brotli's own default for the web is 11, and 50 times as slow
	gzipLevel   = 5 // leaves 24.0 % at 200 MB/s; compress/gzip's default 23.4 % at 59 MB/s
)

func newPress() (*press, error) {
	gz, err := gzip.NewWriterLevel(nil, gzipLevel)
	if err != nil {
		return nil, fmt.Errorf("make compressor: %w", err)
	}
	// One goroutine and no more: a site is made of many small documents.
	zs, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedBetterCompression),
		zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(zstdWindow))
	if err != nil {
		return nil, fmt.Errorf("make compressor: %w", err)
	}
	return &press{compressors: []compressor{
		{"br", ".br", brotli.NewWriterLevel(nil, brotliLevel)},
		{"zstd", ".zst", zs},
		{"gzip", ".gz", gz},
	}}, nil
}

// zstdWindow is what every browser accepts (RFC 9659 §3 allows 8 MB), and more
// than most documents have.
const zstdWindow = 1 << 20

const (
	// shortest is how long a document may be kept at least: five minutes keep a
	// burst of readers off the server and are far below the interval at which sources
	// are fetched, so news are hardly later for it.
	shortest = 5 * time.Minute
	// longest is for a channel where hardly anything comes: even there an hour is
	// as late as news should be for a cache.
	longest = time.Hour
)

func (p *press) file(contentType string, content []byte, modified time.Time) (*File, error) {
	f := &File{
		Body:         bytes.Clone(content), // without the spare room that its buffer had
		ContentType:  contentType,
		ETag:         etag(content),
		LastModified: modified.UTC(),
		MaxAge:       shortest,
	}
	for _, c := range p.compressors {
		compressed, err := c.compress(content)
		if err != nil {
			return nil, fmt.Errorf("compress with %s: %w", c.coding, err)
		}
		if len(compressed) < len(content) {
			f.Encoded = append(f.Encoded, Encoded{Coding: c.coding, Suffix: c.suffix, Body: compressed, ETag: etag(compressed)})
		}
	}
	return f, nil
}

// compress writes no name and no time into a header: the same content gives the
// same bytes.
func (c *compressor) compress(content []byte) ([]byte, error) {
	var b bytes.Buffer
	c.writer.Reset(&b)
	if _, err := c.writer.Write(content); err != nil {
		return nil, err
	}
	if err := c.writer.Close(); err != nil {
		return nil, err
	}
	return bytes.Clone(b.Bytes()), nil
}

// etag is a strong entity tag. 128 bits of the hash are enough that two
// versions of a document never share one.
func etag(content []byte) string {
	sum := sha256.Sum256(content)
	return `"` + hex.EncodeToString(sum[:16]) + `"`
}

// fileName is where a path is kept as a file, with slashes.
func fileName(path string) string {
	name := strings.TrimPrefix(path, "/")
	if name == "" || strings.HasSuffix(name, "/") {
		name += "index.html"
	}
	return name
}
