package sqlite

import (
	"context"
	"database/sql"
	"time"

	"bantin/internal/article"
)

const (
	addSource = `INSERT INTO sources (id, active, next, articles, state) VALUES (?1, 1, ?2, 0, ?3)
		ON CONFLICT (id) DO UPDATE SET active = 1`
	dropSources = `UPDATE sources SET active = 0
		WHERE active = 1 AND id NOT IN (SELECT value FROM json_each(?1))`
	putState = `INSERT INTO sources (id, active, next, articles, state) VALUES (?1, 0, ?2, ?3, ?4)
		ON CONFLICT (id) DO UPDATE SET next = excluded.next,
			articles = articles + excluded.articles, state = excluded.state`
	dueSources = `SELECT id, next, state FROM sources
		WHERE active = 1 AND next <= ?1 ORDER BY next, id LIMIT ?2`
	allStates   = `SELECT id, next, state FROM sources`
	namedStates = `SELECT id, next, state FROM sources WHERE id IN (SELECT value FROM json_each(?1))`
	// The number is kept with the source, so that asking does not count the archive.
	articleCounts = `SELECT id, articles FROM sources WHERE articles > 0`
)

// SetSources implements store.Store.
func (s *Store) SetSources(ctx context.Context, firstDue map[string]time.Time) error {
	ids := make([]string, 0, len(firstDue))
	for id := range firstDue {
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
		for id, due := range firstDue {
			if err := addNewSource(ctx, tx, id, due); err != nil {
				return err
			}
		}
		return nil
	})
}

func addNewSource(ctx context.Context, tx *transaction, id string, due time.Time) error {
	state, err := encodeState(&article.SourceState{SourceID: id})
	if err != nil {
		return err
	}
	return tx.exec(ctx, addSource, id, millis(due), state)
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
