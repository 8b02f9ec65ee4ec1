package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"bantin/internal/article"
)

const (
	insertRaw = `INSERT INTO raws (source, at, about, body) VALUES (?1, ?2, ?3, ?4)`
	scanRaw   = `SELECT source, at, about, body FROM raws WHERE source = ?1 AND at >= ?2 ORDER BY at, n`
	dropPage  = `DELETE FROM raws WHERE source = ?1 AND about ->> '$.articleID' = ?2`
	// Some at a time, so that the writes of others come in between.
	dropRaw = `DELETE FROM raws WHERE n IN (SELECT n FROM raws WHERE at < ?1 ORDER BY at LIMIT ?2) RETURNING n`
)

// dropAtOnce bounds one transaction: a few megabytes.
const dropAtOnce = 500

// A rawDocument is what has no column.
type rawDocument struct {
	ArticleID   string `json:"articleID,omitempty"`
	Link        string `json:"link,omitempty"`
	LinkTitle   string `json:"linkTitle,omitempty"`
	URL         string `json:"url"`
	ContentType string `json:"contentType,omitempty"`
}

type packedRaw struct {
	source, about string
	at            int64
	body          []byte
}

func encodeRaw(raw article.Raw) (packedRaw, error) {
	about, err := toJSON(rawDocument{raw.ArticleID, raw.Link, raw.LinkTitle, raw.URL, raw.ContentType})
	return packedRaw{raw.SourceID, string(about), millis(raw.FetchedAt), raw.Body}, err
}

func (c *commit) putRaw(ctx context.Context, tx *transaction) error {
	for _, raw := range c.raw {
		if err := tx.exec(ctx, insertRaw, raw.source, raw.at, raw.about, raw.body); err != nil {
			return err
		}
	}
	return nil
}

// ScanRaw implements store.Store.
func (s *Store) ScanRaw(ctx context.Context, sourceID string, since time.Time, read func(article.Raw) error) error {
	return s.query(ctx, func(rows *sql.Rows) error {
		raw, err := readRaw(rows)
		if err != nil {
			return err
		}
		return read(raw)
	}, scanRaw, sourceID, millis(since))
}

func readRaw(rows *sql.Rows) (article.Raw, error) {
	var (
		raw         article.Raw
		at          int64
		about, body sql.RawBytes
		document    rawDocument
	)
	if err := rows.Scan(&raw.SourceID, &at, &about, &body); err != nil {
		return raw, err
	}
	if err := json.Unmarshal(about, &document); err != nil {
		return raw, err
	}
	raw.FetchedAt = fromMillis(at)
	raw.ArticleID, raw.Link, raw.LinkTitle = document.ArticleID, document.Link, document.LinkTitle
	raw.URL, raw.ContentType = document.URL, document.ContentType
	raw.Body = bytes.Clone(body)
	return raw, nil
}

// DropRaw implements store.Store.
func (s *Store) DropRaw(ctx context.Context, before time.Time) (int, error) {
	dropped := 0
	for {
		some := 0
		err := s.write(ctx, 0, func(ctx context.Context, tx *transaction) error {
			some = 0 // the writer may apply it a second time
			return tx.query(ctx, func(*sql.Rows) error {
				some++
				return nil
			}, dropRaw, millis(before), dropAtOnce)
		})
		if dropped += some; err != nil || some < dropAtOnce {
			return dropped, err
		}
	}
}
