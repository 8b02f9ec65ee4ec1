package sqlite

import (
	"context"
	"database/sql"
	"time"

	"bantin/internal/article"
	"bantin/internal/store"
)

const (
	// When the host is free, how many others have leases there, and when the first
	// of these ends.
	hostNow = `SELECT coalesce((SELECT free FROM hosts WHERE host = ?1), 0),
		count(*), coalesce(min(until), 0) FROM leases WHERE host = ?1 AND token <> ?2 AND until > ?3`
	putTurn = `INSERT INTO hosts (host, free) VALUES (?1, ?2)
		ON CONFLICT (host) DO UPDATE SET free = excluded.free`
	holdHost = `INSERT INTO hosts (host, free) VALUES (?1, ?2)
		ON CONFLICT (host) DO UPDATE SET free = max(free, excluded.free)`

	putLease = `INSERT INTO leases (host, token, until) VALUES (?1, ?2, ?3)
		ON CONFLICT (host, token) DO UPDATE SET until = excluded.until`
	dropEnded = `DELETE FROM leases WHERE host = ?1 AND until <= ?2`
	dropLease = `DELETE FROM leases WHERE host = ?1 AND token = ?2`
)

// Turn implements store.Store.
func (s *Store) Turn(ctx context.Context, claim store.Claim) (store.Turn, error) {
	turn, err := nextTurn(ctx, s, &claim)
	if err != nil || !turn.Taken || claim.Gap == 0 && claim.Places == 0 {
		return turn, err // there is nothing to write
	}
	err = s.write(ctx, len(claim.Host)+len(claim.Token), func(ctx context.Context, tx *transaction) error {
		var err error
		if turn, err = nextTurn(ctx, tx, &claim); err != nil || !turn.Taken {
			return err
		}
		return takeTurn(ctx, tx, &claim, turn.At)
	})
	return turn, err
}

func nextTurn(ctx context.Context, q querier, claim *store.Claim) (store.Turn, error) {
	var free, until int64
	var others int
	err := q.query(ctx, func(rows *sql.Rows) error { return rows.Scan(&free, &others, &until) },
		hostNow, claim.Host, claim.Token, millis(claim.Now))
	return store.NextTurn(*claim, fromMillis(free), others, fromMillis(until)), err
}

func takeTurn(ctx context.Context, tx *transaction, claim *store.Claim, at time.Time) error {
	if claim.Gap > 0 {
		if err := tx.exec(ctx, putTurn, claim.Host, millis(at.Add(claim.Gap))); err != nil {
			return err
		}
	}
	if claim.Places == 0 {
		return nil
	}
	if err := tx.exec(ctx, dropEnded, claim.Host, millis(claim.Now)); err != nil {
		return err
	}
	return tx.exec(ctx, putLease, claim.Host, claim.Token, millis(at.Add(claim.For)))
}

// Release implements store.Store.
func (s *Store) Release(ctx context.Context, lease article.Lease) error {
	return s.write(ctx, len(lease.Host)+len(lease.Token), func(ctx context.Context, tx *transaction) error {
		return tx.exec(ctx, dropLease, lease.Host, lease.Token)
	})
}

// Hold implements store.Store.
func (s *Store) Hold(ctx context.Context, host string, until time.Time) error {
	return s.write(ctx, len(host), func(ctx context.Context, tx *transaction) error {
		return tx.exec(ctx, holdHost, host, millis(until))
	})
}
