package sqlite

import (
	"context"
	"database/sql"

	"bantin/internal/store"
)

const (
	allPings = `SELECT hub, topic, hash, due, attempts FROM pings ORDER BY hub, topic`
	addPing  = `INSERT INTO pings (hub, topic, hash, due, attempts) VALUES (?1, ?2, ?3, ?4, ?5)
		ON CONFLICT DO NOTHING RETURNING 1`
	swapPing = `UPDATE pings SET hash = ?3, due = ?4, attempts = ?5
		WHERE hub = ?1 AND topic = ?2 AND hash = ?6 AND due = ?7 AND attempts = ?8 RETURNING 1`
)

// Pings implements store.Store.
func (s *Store) Pings(ctx context.Context) ([]store.Ping, error) {
	var pings []store.Ping
	err := s.query(ctx, func(rows *sql.Rows) error {
		var p store.Ping
		var due int64
		err := rows.Scan(&p.Hub, &p.Topic, &p.Hash, &due, &p.Attempts)
		p.Due = fromMillis(due)
		pings = append(pings, p)
		return err
	}, allPings)
	return pings, err
}

// SwapPing implements store.Store.
func (s *Store) SwapPing(ctx context.Context, known, next store.Ping) (bool, error) {
	query := addPing
	args := []any{next.Hub, next.Topic, next.Hash, millis(next.Due), next.Attempts}
	if known.Hash != "" {
		query = swapPing
		args = append(args, known.Hash, millis(known.Due), known.Attempts)
	}
	swapped := false
	err := s.write(ctx, len(next.Topic), func(ctx context.Context, tx *transaction) error {
		swapped = false
		return tx.query(ctx, func(*sql.Rows) error {
			swapped = true
			return nil
		}, query, args...)
	})
	return swapped, err
}
