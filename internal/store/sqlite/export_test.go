package sqlite

import (
	"context"
	"database/sql"
	"fmt"
)

// Queries are those whose cost must not grow with the archive.
func Queries() map[string]string {
	return map[string]string{
		"Due":             dueSources,
		"Postpone":        postpone,
		"host":            hostNow,
		"release":         dropLease,
		"States":          namedStates,
		"ArticleCounts":   articleCounts,
		"Known":           knownHashes,
		"Articles":        articlesByID,
		"ArticlesByURL":   articlesByURL,
		"Scan":            scanArticles,
		"Select":          selectArticles,
		"ScanRaw":         scanRaw,
		"Revisions":       revisionsOf,
		"DropRaw":         dropRaw,
		"Select seen":     selectSeen,
		"Members":         selectMembers,
		"Members seen":    membersSeen,
		"Arrivals seen":   arrivals,
		"Span":            seenSpan,
		"Cuts":            cutsOfMonth,
		"Issue":           issueOfDate,
		"Issues":          newestIssues,
		"stored by id":    storedByID,
		"stored by twin":  storedByTwin,
		"stored by like":  storedByLikeness,
		"buried URLs":     buriedURLs,
		"delete members":  deleteMembers,
		"update article":  updateArticle,
		"bury article":    buryArticle,
		"enroll members":  enrollMembers,
		"enroll articles": enrollArticles,
		"forget articles": forgetArticles,
		"forget members":  forgetMembers,
	}
}

// Explain returns the steps of SQLite's plan for a query.
func (s *Store) Explain(ctx context.Context, query string) ([]string, error) {
	var steps []string
	err := s.query(ctx, func(rows *sql.Rows) error {
		var id, parent, unused int
		var step string
		err := rows.Scan(&id, &parent, &unused, &step)
		steps = append(steps, step)
		return err
	}, "EXPLAIN QUERY PLAN "+query, make([]any, 9)...)
	return steps, err
}

// FillDisk lets the file grow by so many pages and no further, as on a full disk.
// A negative number ends that.
func (s *Store) FillDisk(ctx context.Context, pages int) error {
	return s.write(ctx, 0, func(ctx context.Context, tx *transaction) error {
		limit := 1 << 30
		if pages >= 0 {
			var now int
			err := tx.query(ctx, func(rows *sql.Rows) error { return rows.Scan(&now) }, "PRAGMA page_count")
			if err != nil {
				return err
			}
			limit = now + pages
		}
		return tx.query(ctx, func(*sql.Rows) error { return nil }, fmt.Sprintf("PRAGMA max_page_count = %d", limit))
	})
}

// BusyWriter keeps the writer busy until the channel is closed. It returns when it is.
func (s *Store) BusyWriter(ctx context.Context, release <-chan struct{}) <-chan error {
	held := make(chan struct{})
	done := make(chan error, 1)
	go func() {
		done <- s.write(ctx, 0, func(context.Context, *transaction) error {
			close(held)
			<-release
			return nil
		})
	}()
	<-held
	return done
}

// Waiting is the number of writes that wait for the writer.
func (s *Store) Waiting() int {
	s.writer.mu.Lock()
	defer s.writer.mu.Unlock()
	return len(s.writer.waiting)
}

// Closing reports whether the writer was told to end.
func (s *Store) Closing() bool {
	s.writer.mu.Lock()
	defer s.writer.mu.Unlock()
	return s.writer.closed
}

// Spoil writes something that fails in the transaction.
func (s *Store) Spoil(ctx context.Context) error {
	return s.write(ctx, 0, func(ctx context.Context, tx *transaction) error {
		return tx.exec(ctx, "INSERT INTO channels (id, key) VALUES ('hỏng', NULL)")
	})
}

// MakeOlder takes out of the file what the third and fourth steps of the schema, and the states
// written since, have brought.
func (s *Store) MakeOlder(ctx context.Context) error {
	return s.write(ctx, 0, func(ctx context.Context, tx *transaction) error {
		for _, query := range []string{
			"DROP TABLE raws",
			"ALTER TABLE articles DROP COLUMN revision",
			"DROP TABLE leavings",
			"DROP TABLE cuts",
			"DROP TABLE pings",
			"DROP TABLE leases",
			"DROP INDEX articles_likeness",
			"ALTER TABLE articles DROP COLUMN likeness",
			"UPDATE sources SET state = json_remove(state, '$.countedSince', '$.floodingSince')",
			"PRAGMA user_version = 2",
		} {
			if err := tx.exec(ctx, query); err != nil {
				return err
			}
		}
		return nil
	})
}

// SetVersion makes the file look as if a Bantin with another schema had written it.
func (s *Store) SetVersion(ctx context.Context, version int) error {
	return s.write(ctx, 0, func(ctx context.Context, tx *transaction) error {
		return tx.exec(ctx, fmt.Sprintf("PRAGMA user_version = %d", version))
	})
}

// NewerSchema is a version that this program does not know.
func NewerSchema() int { return len(migrations()) + 1 }
