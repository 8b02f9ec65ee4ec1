package sqlite

import (
	"context"
	"database/sql"
	"time"
)

const (
	freeAt  = `SELECT free FROM hosts WHERE host = ?1`
	putTurn = `INSERT INTO hosts (host, free) VALUES (?1, ?2)
		ON CONFLICT (host) DO UPDATE SET free = excluded.free`
	holdHost = `INSERT INTO hosts (host, free) VALUES (?1, ?2)
		ON CONFLICT (host) DO UPDATE SET free = max(free, excluded.free)`
)

// Turn implements store.Store.
func (s *Store) Turn(ctx context.Context, host string, now, latest time.Time, gap time.Duration) (time.Time, error) {
	turn := now
	err := s.query(ctx, readTurn(&turn), freeAt, host)
	if err != nil || gap == 0 || turn.After(latest) {
		return turn, err // there is nothing to write
	}
	err = s.write(ctx, len(host), func(ctx context.Context, tx *transaction) error {
		turn = now
		if err := tx.query(ctx, readTurn(&turn), freeAt, host); err != nil || turn.After(latest) {
			return err
		}
		return tx.exec(ctx, putTurn, host, millis(turn.Add(gap)))
	})
	return turn, err
}

// readTurn moves turn to when the host is free, if that is later.
func readTurn(turn *time.Time) func(*sql.Rows) error {
	return func(rows *sql.Rows) error {
		var free int64
		if err := rows.Scan(&free); err != nil {
			return err
		}
		if at := fromMillis(free); at.After(*turn) {
			*turn = at
		}
		return nil
	}
}

// Hold implements store.Store.
func (s *Store) Hold(ctx context.Context, host string, until time.Time) error {
	return s.write(ctx, len(host), func(ctx context.Context, tx *transaction) error {
		return tx.exec(ctx, holdHost, host, millis(until))
	})
}
