package normalizer

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"time"

	"bantin/internal/article"
)

// contentHash is the fingerprint of all that the source said of an article. Two
// fetches with the same one carry the same article, so that nothing is written
// and no subscriber is told. What we conclude from it (places, topics, warnings)
// is left out: better rules do not make an article new. So is the guid, which
// some sources change at every poll.
func contentHash(a *article.Article) string {
	f := fingerprint{hash: sha256.New()}
	f.text(a.URL, a.Title, a.Lead, a.HTML, a.Author, a.Origin, a.Language)
	f.time(a.Published)
	f.text(string(a.Precision))
	f.time(a.Updated)
	f.number(len(a.Images))
	for _, image := range a.Images {
		f.text(image.URL, image.Caption)
	}
	f.number(len(a.Categories))
	f.text(a.Categories...)
	// Half of SHA-256 is enough, as for ids (article.NewID).
	return hex.EncodeToString(f.hash.Sum(nil)[:16])
}

// A fingerprint writes each field behind its length, so that no two ways to
// divide the same bytes into fields are equal.
type fingerprint struct {
	hash   hash.Hash
	buffer []byte
}

func (f *fingerprint) text(fields ...string) {
	for _, field := range fields {
		f.number(len(field))
		f.buffer = append(f.buffer[:0], field...)
		f.hash.Write(f.buffer)
	}
}

func (f *fingerprint) number(n int) {
	f.buffer = binary.AppendVarint(f.buffer[:0], int64(n))
	f.hash.Write(f.buffer)
}

// time writes an instant, whatever its zone, and tells an absent one from all.
func (f *fingerprint) time(t time.Time) {
	if t.IsZero() {
		f.number(0)
		return
	}
	f.number(1)
	f.buffer = binary.AppendVarint(f.buffer[:0], t.UnixMilli())
	f.hash.Write(f.buffer)
}
