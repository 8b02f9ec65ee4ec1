package sqlite

import (
	"context"
	"database/sql"
	"time"

	"bantin/internal/store"
)

const (
	arrivals = `SELECT r.seen, r.id FROM articles r
		CROSS JOIN members m ON m.key = ?1 AND m.sort = r.sort AND m.id = r.id
		WHERE r.seen >= ?2 AND r.seen < ?3 ORDER BY r.seen, r.id LIMIT ?4`
	// One question each: of min and max in one SQLite reads every row.
	seenSpan = `SELECT (SELECT min(seen) FROM articles), (SELECT max(seen) FROM articles)`

	cutsOfMonth = `SELECT seen, id FROM cuts WHERE key = ?1 AND month = ?2 ORDER BY part`
	cutOfPart   = `SELECT seen, id FROM cuts WHERE key = ?1 AND month = ?2 AND part = ?3`
	addCut      = `INSERT OR IGNORE INTO cuts (key, month, part, seen, id) VALUES (?1, ?2, ?3, ?4, ?5)`
)

// Arrivals implements store.Store.
func (s *Store) Arrivals(ctx context.Context, query store.Query) ([]store.Arrival, error) {
	var found []store.Arrival
	err := s.query(ctx, readArrival(&found), arrivals, window(query)...)
	return found, err
}

func readArrival(into *[]store.Arrival) func(*sql.Rows) error {
	return func(rows *sql.Rows) error {
		var seen int64
		var one store.Arrival
		err := rows.Scan(&seen, &one.ID)
		one.Seen = fromMillis(seen)
		*into = append(*into, one)
		return err
	}
}

// Span implements store.Store.
func (s *Store) Span(ctx context.Context) (first, last time.Time, err error) {
	var least, most sql.NullInt64
	err = s.query(ctx, func(rows *sql.Rows) error {
		return rows.Scan(&least, &most)
	}, seenSpan)
	if err != nil || !least.Valid || !most.Valid {
		return time.Time{}, time.Time{}, err
	}
	return fromMillis(least.Int64), fromMillis(most.Int64), nil
}

// Cuts implements store.Store.
func (s *Store) Cuts(ctx context.Context, key, month string) ([]store.Arrival, error) {
	var cuts []store.Arrival
	err := s.query(ctx, readArrival(&cuts), cutsOfMonth, key, month)
	return cuts, err
}

// Cut implements store.Store.
func (s *Store) Cut(ctx context.Context, key, month string, part int, end store.Arrival) (store.Arrival, error) {
	err := s.write(ctx, len(key), func(ctx context.Context, tx *transaction) error {
		if err := tx.exec(ctx, addCut, key, month, part, millis(end.Seen), end.ID); err != nil {
			return err
		}
		var cuts []store.Arrival
		if err := tx.query(ctx, readArrival(&cuts), cutOfPart, key, month, part); err != nil {
			return err
		}
		end = cuts[0]
		return nil
	})
	return end, err
}
