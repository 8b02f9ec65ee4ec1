package sqlite

import (
	"context"
	"database/sql"

	"bantin/internal/article"
)

const (
	putIssue = `INSERT INTO issues (digest, date, doc) VALUES (?1, ?2, ?3)
		ON CONFLICT (digest, date) DO UPDATE SET doc = excluded.doc`
	issueOfDate    = `SELECT date, doc FROM issues WHERE digest = ?1 AND date = ?2`
	newestIssues   = `SELECT date, doc FROM issues WHERE digest = ?1 ORDER BY date DESC LIMIT ?2`
	revisionNumber = `SELECT number FROM revision`
)

// PutIssue implements store.Store.
func (s *Store) PutIssue(ctx context.Context, issue article.Issue) error {
	encoded, err := encodeIssue(&issue)
	if err != nil {
		return err
	}
	return s.write(ctx, len(encoded), func(ctx context.Context, tx *transaction) error {
		tx.touch()
		return tx.exec(ctx, putIssue, issue.DigestID, issue.Date, encoded)
	})
}

// Issue implements store.Store.
func (s *Store) Issue(ctx context.Context, digestID, date string) (article.Issue, bool, error) {
	found, err := s.issues(ctx, issueOfDate, digestID, date)
	if err != nil || len(found) == 0 {
		return article.Issue{}, false, err
	}
	return found[0], true, nil
}

// Issues implements store.Store.
func (s *Store) Issues(ctx context.Context, digestID string, limit int) ([]article.Issue, error) {
	return s.issues(ctx, newestIssues, digestID, limit)
}

// issues runs a query for issues of the digest. The argument is its second one.
func (s *Store) issues(ctx context.Context, query, digestID string, argument any) ([]article.Issue, error) {
	var issues []article.Issue
	err := s.query(ctx, func(rows *sql.Rows) error {
		var date string
		var encoded sql.RawBytes
		if err := rows.Scan(&date, &encoded); err != nil {
			return err
		}
		issue, err := decodeIssue(digestID, date, encoded)
		issues = append(issues, issue)
		return err
	}, query, digestID, argument)
	return issues, err
}

// Revision implements store.Store.
func (s *Store) Revision(ctx context.Context) (int64, error) {
	var number int64
	err := s.query(ctx, func(rows *sql.Rows) error {
		return rows.Scan(&number)
	}, revisionNumber)
	return number, err
}
