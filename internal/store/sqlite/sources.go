package sqlite

import (
	"context"
	"database/sql"
	"time"

	"bantin/internal/article"
)

const (
	addSource = `INSERT INTO sources (id, active, next, articles, state) VALUES (?1, 1, ?2, 0, ?3)
		ON CONFLICT (id) DO UPDATE SET active = 1,
			next = CASE WHEN next < ?4 THEN excluded.next ELSE next END
			WHERE active = 0 OR next < ?4`
	dropSources = `UPDATE sources SET active = 0
		WHERE active = 1 AND id NOT IN (SELECT value FROM json_each(?1))`
	putState = `INSERT INTO sources (id, active, next, articles, state) VALUES (?1, 0, ?2, ?3, ?4)
		ON CONFLICT (id) DO UPDATE SET next = excluded.next,
			articles = articles + excluded.articles, state = excluded.state`
	postpone   = `UPDATE sources SET next = ?3 WHERE id = ?1 AND next = ?2 RETURNING id`
	dueSources = `SELECT id, next, state FROM sources
		WHERE active = 1 AND next <= ?1 ORDER BY next, id LIMIT ?2`
	allStates   = `SELECT id, next, state FROM sources`
	namedStates = `SELECT id, next, state FROM sources WHERE id IN (SELECT value FROM json_each(?1))`
	// The number is kept with the source, so that asking does not count the archive.
	articleCounts = `SELECT id, articles FROM sources WHERE articles > 0`
)

// SetSources implements store.Store.
func (s *Store) SetSources(ctx context.Context, due map[string]time.Time, missed time.Time) error {
	ids := make([]string, 0, len(due))
	for id := range due {
		ids = append(ids, id)
	}
	list, err := toJSON(ids)
	if err != nil {
		return err
	}
	return s.write(ctx, len(list), func(ctx context.Context, tx *transaction) error {
		if err := tx.exec(ctx, dropSources, string(list)); err != nil {
			return err
		}
		return setEach(ctx, tx, due, missed)
	})
}

// KeepSources implements store.Store.
func (s *Store) KeepSources(ctx context.Context, due map[string]time.Time) error {
	size := 0
	for id := range due {
		size += len(id)
	}
	return s.write(ctx, size, func(ctx context.Context, tx *transaction) error {
		return setEach(ctx, tx, due, time.Time{})
	})
}

func setEach(ctx context.Context, tx *transaction, due map[string]time.Time, missed time.Time) error {
	for id, at := range due {
		if err := setSource(ctx, tx, id, at, missed); err != nil {
			return err
		}
	}
	return nil
}

func setSource(ctx context.Context, tx *transaction, id string, due, missed time.Time) error {
	state, err := encodeState(&article.SourceState{SourceID: id})
	if err != nil {
		return err
	}
	return tx.exec(ctx, addSource, id, millis(due), state, millis(missed))
}

// Due implements store.Store.
func (s *Store) Due(ctx context.Context, now time.Time, limit int) ([]article.SourceState, error) {
	var due []article.SourceState
	err := s.query(ctx, func(rows *sql.Rows) error {
		state, err := readState(rows)
		due = append(due, state)
		return err
	}, dueSources, millis(now), limit)
	return due, err
}

// Postpone implements store.Store.
func (s *Store) Postpone(ctx context.Context, id string, from, to time.Time) (bool, error) {
	var done bool
	err := s.write(ctx, len(id), func(ctx context.Context, tx *transaction) error {
		done = false // the writer may apply it a second time
		return tx.query(ctx, func(*sql.Rows) error {
			done = true
			return nil
		}, postpone, id, millis(from), millis(to))
	})
	return done && err == nil, err
}

// States implements store.Store.
func (s *Store) States(ctx context.Context, ids ...string) (map[string]article.SourceState, error) {
	states := make(map[string]article.SourceState)
	read := func(rows *sql.Rows) error {
		state, err := readState(rows)
		states[state.SourceID] = state
		return err
	}
	if len(ids) == 0 {
		return states, s.query(ctx, read, allStates)
	}
	list, err := toJSON(ids)
	if err != nil {
		return nil, err
	}
	return states, s.query(ctx, read, namedStates, string(list))
}

func readState(rows *sql.Rows) (article.SourceState, error) {
	var (
		id      string
		next    int64
		encoded sql.RawBytes
	)
	if err := rows.Scan(&id, &next, &encoded); err != nil {
		return article.SourceState{}, err
	}
	return decodeState(id, next, encoded)
}

// ArticleCounts implements store.Store.
func (s *Store) ArticleCounts(ctx context.Context) (map[string]int, error) {
	counts := make(map[string]int)
	err := s.query(ctx, func(rows *sql.Rows) error {
		var id string
		var count int
		err := rows.Scan(&id, &count)
		counts[id] = count
		return err
	}, articleCounts)
	return counts, err
}
