package sqlite

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/json"

	"bantin/internal/article"
	"bantin/internal/store"
)

const (
	storedColumns = `a.id, a.twin, a.hash, a.seen, a.channels, a.buried`
	storedByID    = `SELECT ` + storedColumns + ` FROM articles a
		WHERE a.id IN (SELECT value FROM json_each(?1))`
	// CROSS JOIN keeps the order of the tables: a look-up for each wanted twin.
	storedByTwin = `SELECT ` + storedColumns + `
		FROM json_each(?1) wanted CROSS JOIN articles a
		ON a.url = wanted.value ->> 0 AND a.twin = wanted.value ->> 1`

	// The likeness counts within its source only.
	storedByLikeness = `SELECT ` + storedColumns + `, a.likeness, a.doc
		FROM json_each(?1) wanted CROSS JOIN articles a INDEXED BY articles_likeness
		ON a.likeness = wanted.value WHERE a.source = ?2`

	// The index is named: without it the planner may take the one of all URLs.
	buriedURLs = `SELECT ` + articleColumns + `
		FROM json_each(?1) wanted CROSS JOIN articles a INDEXED BY articles_buried
		ON a.url = wanted.value WHERE a.buried = 1`

	insertArticle = `INSERT INTO articles
		(id, source, url, twin, hash, seen, sort, buried, channels, unselected, doc, likeness)
		VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, ?8, ?9, ?10, ?11)`
	updateArticle = `UPDATE articles SET revision = revision + 1, url = ?2, twin = ?3, hash = ?4, sort = ?5,
		channels = ?6, unselected = ?7, doc = ?8, likeness = ?9 WHERE id = ?1`

	insertMember = `INSERT OR IGNORE INTO members (key, sort, id) VALUES (?1, ?2, ?3)`
	// Before the article's row changes: its channels and sort are the key here.
	deleteMembers = `DELETE FROM members WHERE (key, sort, id) IN
		(SELECT listed.value, a.sort, a.id FROM articles a, json_each(a.channels) listed WHERE a.id = ?1)`
)

// Commit implements store.Store.
func (s *Store) Commit(ctx context.Context, refresh article.Refresh) (article.Counts, error) {
	state, err := encodeState(&refresh.State)
	if err != nil {
		return article.Counts{}, err
	}
	decided, err := encodeKeys(refresh.Decided)
	if err != nil {
		return article.Counts{}, err
	}
	documents, size, err := s.encodeChanged(ctx, refresh.Articles)
	if err != nil {
		return article.Counts{}, err
	}
	c := &commit{refresh: refresh, state: state, decided: decided, documents: documents}
	for _, raw := range refresh.Raw {
		packed, err := encodeRaw(raw)
		if err != nil {
			return article.Counts{}, err
		}
		c.raw = append(c.raw, packed)
		size += len(packed.body)
	}
	if err := s.write(ctx, size+len(state), c.apply); err != nil {
		return article.Counts{}, err
	}
	return c.counts, nil
}

// maxAhead is how many bytes of articles are packed before the writer has its turn.
// Those of the longest feeds, which are beyond it, it packs itself, one by one:
// packed ahead they would be in memory twice.
const maxAhead = 1 << 20

// encodeChanged packs the articles that are not stored as they are, in the
// caller's time and not in the writer's. It returns their size in bytes too.
func (s *Store) encodeChanged(ctx context.Context, articles []article.Article) ([][]byte, int, error) {
	if len(articles) == 0 {
		return nil, 0, nil
	}
	ids := make([]string, len(articles))
	for i := range articles {
		ids[i] = articles[i].ID
	}
	known, err := s.Known(ctx, ids)
	if err != nil {
		return nil, 0, err
	}
	size := 0
	documents := make([][]byte, len(articles))
	for i := range articles {
		if hash, ok := known[articles[i].ID]; ok && hash == articles[i].ContentHash {
			continue
		}
		if size > maxAhead {
			size += len(articles[i].HTML) // of two texts that become half as long
			continue
		}
		if documents[i], err = encodeArticle(&articles[i]); err != nil {
			return nil, 0, err
		}
		size += len(documents[i])
	}
	return documents, size, nil
}

// A commit is one refresh on its way into the file.
type commit struct {
	refresh   article.Refresh
	state     string
	decided   string   // the keys, in JSON
	documents [][]byte // by index of the article; nil where it seemed unchanged, and beyond maxAhead
	raw       []packedRaw
	counts    article.Counts
}

func (c *commit) apply(ctx context.Context, tx *transaction) error {
	c.counts = article.Counts{} // the writer may apply it a second time
	if len(c.refresh.Articles) > 0 {
		if err := c.putArticles(ctx, tx); err != nil {
			return err
		}
	}
	if err := c.putRaw(ctx, tx); err != nil || c.refresh.Again {
		return err
	}
	state := &c.refresh.State
	if err := tx.exec(ctx, putState, state.SourceID, millis(state.NextFetchAt), c.counts.New, c.state); err != nil {
		return err
	}
	if c.refresh.Release == (article.Lease{}) {
		return nil
	}
	return tx.exec(ctx, dropLease, c.refresh.Release.Host, c.refresh.Release.Token)
}

func (c *commit) putArticles(ctx context.Context, tx *transaction) error {
	changes, err := plan(ctx, tx, &c.refresh)
	if err != nil {
		return err
	}
	if len(changes) > 0 {
		tx.touch()
		if err := tx.exec(ctx, keepDecided, c.decided); err != nil {
			return err
		}
	}
	for _, change := range changes {
		if err := c.put(ctx, tx, &change); err != nil {
			return err
		}
		if change.New {
			c.counts.New++
		} else {
			c.counts.Updated++
		}
	}
	c.counts.Unchanged = len(c.refresh.Articles) - c.counts.New - c.counts.Updated
	return nil
}

// Preview implements store.Store.
func (s *Store) Preview(ctx context.Context, refresh article.Refresh) ([]store.Change, error) {
	return plan(ctx, s, &refresh)
}

// A querier reads what is stored: the writer in its transaction, or any reader.
type querier interface {
	query(ctx context.Context, read func(*sql.Rows) error, query string, args ...any) error
}

func plan(ctx context.Context, q querier, refresh *article.Refresh) ([]store.Change, error) {
	stored, err := findStored(ctx, q, refresh.Articles)
	if err == nil {
		stored, err = addAlike(ctx, q, refresh, stored)
	}
	if err != nil {
		return nil, err
	}
	takenDown, err := findTakenDown(ctx, q, refresh.Articles)
	if err != nil {
		return nil, err
	}
	return store.Plan(*refresh, stored, takenDown), nil
}

// findStored returns the stored articles with the id or twin of one of these.
func findStored(ctx context.Context, q querier, articles []article.Article) ([]store.Stored, error) {
	ids := make([]string, 0, len(articles))
	twins := make([][2]any, 0, len(articles))
	for i := range articles {
		ids = append(ids, articles[i].ID)
		if twin := articles[i].Twin(); twin != "" {
			twins = append(twins, [2]any{urlKey(articles[i].URL), twin})
		}
	}
	found := make(map[string]bool)
	var stored []store.Stored
	read := func(rows *sql.Rows) error {
		one, err := readStored(rows)
		if !found[one.ID] {
			found[one.ID] = true
			stored = append(stored, one)
		}
		return err
	}
	for query, wanted := range map[string]any{storedByID: ids, storedByTwin: twins} {
		list, err := toJSON(wanted)
		if err != nil {
			return nil, err
		}
		if err := q.query(ctx, read, query, string(list)); err != nil {
			return nil, err
		}
	}
	return stored, nil
}

// addAlike adds the stored articles of the source with the likeness of one of these
// whose id is not stored, and says of those that are there what they are like.
func addAlike(ctx context.Context, q querier, refresh *article.Refresh, stored []store.Stored) ([]store.Stored, error) {
	at := make(map[string]int, len(stored))
	for i := range stored {
		at[stored[i].ID] = i
	}
	var wanted []int64
	for i := range refresh.Articles {
		if _, known := at[refresh.Articles[i].ID]; known {
			continue
		}
		if likeness := refresh.Articles[i].Likeness(); likeness != 0 {
			wanted = append(wanted, likeness)
		}
	}
	if len(wanted) == 0 {
		return stored, nil
	}
	list, err := toJSON(wanted)
	if err != nil {
		return nil, err
	}
	err = q.query(ctx, func(rows *sql.Rows) error {
		one, err := readAlike(rows)
		if i, known := at[one.ID]; known {
			stored[i].Likeness, stored[i].URL = one.Likeness, one.URL
			return err
		}
		at[one.ID] = len(stored)
		stored = append(stored, one)
		return err
	}, storedByLikeness, string(list), refresh.State.SourceID)
	return stored, err
}

// findTakenDown returns the canonical URLs of the tombstones that have a URL of one
// of these.
func findTakenDown(ctx context.Context, q querier, articles []article.Article) ([]string, error) {
	urls := make([]int64, 0, len(articles))
	for i := range articles {
		if key := urlKey(articles[i].URL); key != 0 {
			urls = append(urls, key)
		}
	}
	list, err := toJSON(urls)
	if err != nil {
		return nil, err
	}
	var takenDown []string
	err = q.query(ctx, func(rows *sql.Rows) error {
		tombstone, err := readArticle(rows)
		takenDown = append(takenDown, article.CanonicalURL(tombstone.URL))
		return err
	}, buriedURLs, string(list))
	return takenDown, err
}

// readStored reads storedColumns, and then into more.
func readStored(rows *sql.Rows, more ...any) (store.Stored, error) {
	var (
		stored   store.Stored
		twin     sql.NullString
		seen     int64
		channels sql.RawBytes
	)
	columns := []any{&stored.ID, &twin, &stored.ContentHash, &seen, &channels, &stored.Buried}
	if err := rows.Scan(append(columns, more...)...); err != nil {
		return store.Stored{}, err
	}
	stored.Twin = twin.String
	stored.FirstSeen = fromMillis(seen)
	return stored, json.Unmarshal(channels, &stored.Channels)
}

func readAlike(rows *sql.Rows) (store.Stored, error) {
	var likeness int64
	var document sql.RawBytes
	stored, err := readStored(rows, &likeness, &document)
	if err != nil {
		return store.Stored{}, err
	}
	var a article.Article
	err = decodeArticle(&a, document)
	stored.Likeness, stored.URL = likeness, a.URL
	return stored, err
}

func (c *commit) put(ctx context.Context, tx *transaction, change *store.Change) error {
	a := &change.Article
	channels, err := encodeKeys(a.Channels)
	if err != nil {
		return err
	}
	document := c.documents[change.Index]
	if document == nil {
		if document, err = encodeArticle(a); err != nil {
			return err
		}
	}
	twin := sql.NullString{String: change.Twin, Valid: change.Twin != ""}
	likeness := sql.NullInt64{Int64: change.Likeness, Valid: change.Likeness != 0}
	if change.New {
		err = tx.exec(ctx, insertArticle, a.ID, a.SourceID, urlKey(a.URL), twin, a.ContentHash,
			millis(a.FirstSeen), millis(a.SortTime()), channels, a.Unselected, document, likeness)
	} else {
		if err := tx.exec(ctx, deleteMembers, a.ID); err != nil {
			return err
		}
		if err := leave(ctx, tx, change.Left, a.FetchedAt); err != nil {
			return err
		}
		err = tx.exec(ctx, updateArticle, a.ID, urlKey(a.URL), twin, a.ContentHash,
			millis(a.SortTime()), channels, a.Unselected, document, likeness)
	}
	if err != nil {
		return err
	}
	for _, key := range a.Channels {
		if err := tx.exec(ctx, insertMember, key, millis(a.SortTime()), a.ID); err != nil {
			return err
		}
	}
	return nil
}

// urlKey is the number under which the index finds the canonical form of a URL:
// 64 bits of its hash, because an index of whole URLs would be the largest of all
// and every batch writes most of its pages. Zero is no URL.
func urlKey(url string) int64 {
	if url == "" {
		return 0
	}
	sum := sha256.Sum256([]byte(article.CanonicalURL(url)))
	return int64(binary.BigEndian.Uint64(sum[:8])) //nolint:gosec // the sign is one more bit of the hash
}

func encodeKeys(keys []string) (string, error) {
	if keys == nil {
		keys = []string{} // an array and never null: the queries take it apart
	}
	encoded, err := toJSON(keys)
	return string(encoded), err
}
