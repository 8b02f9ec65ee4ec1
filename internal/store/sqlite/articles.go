package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"bantin/internal/article"
	"bantin/internal/store"
)

const (
	articleColumns = `a.id, a.source, a.hash, a.seen, a.channels, a.unselected, a.doc`

	knownHashes  = `SELECT id, hash FROM articles WHERE id IN (SELECT value FROM json_each(?1))`
	revisionsOf  = `SELECT id, revision FROM articles WHERE id IN (SELECT value FROM json_each(?1))`
	articlesByID = `SELECT ` + articleColumns + ` FROM articles a
		WHERE a.id IN (SELECT value FROM json_each(?1))`
	articlesByURL = `SELECT ` + articleColumns + ` FROM articles a
		WHERE a.url = ?1`
	scanArticles = `SELECT ` + articleColumns + ` FROM articles a
		WHERE a.id > ?1 AND a.buried = 0 ORDER BY a.id LIMIT ?2`

	buryArticle = `UPDATE articles SET revision = revision + 1, buried = 1, hash = '', sort = ?2, channels = '[]',
		unselected = '', doc = ?3 WHERE id = ?1`
	countBuried = `UPDATE sources SET articles = articles - 1 WHERE id = ?1`
)

// Known implements store.Store.
func (s *Store) Known(ctx context.Context, ids []string) (map[string]string, error) {
	list, err := toJSON(ids)
	if err != nil {
		return nil, err
	}
	known := make(map[string]string)
	err = s.query(ctx, func(rows *sql.Rows) error {
		var id, hash string
		err := rows.Scan(&id, &hash)
		known[id] = hash
		return err
	}, knownHashes, string(list))
	return known, err
}

// Revisions implements store.Store.
func (s *Store) Revisions(ctx context.Context, ids []string) (map[string]int64, error) {
	list, err := toJSON(ids)
	if err != nil {
		return nil, err
	}
	revisions := make(map[string]int64)
	err = s.query(ctx, func(rows *sql.Rows) error {
		var id string
		var revision int64
		err := rows.Scan(&id, &revision)
		revisions[id] = revision
		return err
	}, revisionsOf, string(list))
	return revisions, err
}

// Articles implements store.Store.
func (s *Store) Articles(ctx context.Context, ids []string) ([]article.Article, error) {
	list, err := toJSON(ids)
	if err != nil {
		return nil, err
	}
	found, err := s.articles(ctx, articlesByID, string(list))
	return store.InOrder(ids, found), err
}

// ArticlesByURL implements store.Store.
func (s *Store) ArticlesByURL(ctx context.Context, url string) ([]article.Article, error) {
	if url == "" {
		return nil, ctx.Err()
	}
	found, err := s.articles(ctx, articlesByURL, urlKey(url))
	canonical := article.CanonicalURL(url)
	found = slices.DeleteFunc(found, func(a article.Article) bool {
		return article.CanonicalURL(a.URL) != canonical // another URL with the same key
	})
	slices.SortFunc(found, func(a, b article.Article) int { return strings.Compare(a.ID, b.ID) })
	return found, err
}

// Scan implements store.Store.
func (s *Store) Scan(ctx context.Context, after string, limit int) ([]article.Article, error) {
	return s.articles(ctx, scanArticles, after, limit)
}

// articles runs a query for articleColumns.
func (s *Store) articles(ctx context.Context, query string, args ...any) ([]article.Article, error) {
	var articles []article.Article
	err := s.query(ctx, func(rows *sql.Rows) error {
		a, err := readArticle(rows)
		articles = append(articles, a)
		return err
	}, query, args...)
	if err != nil {
		return nil, err
	}
	return articles, nil
}

func readArticle(rows *sql.Rows) (article.Article, error) {
	var (
		a                  article.Article
		seen               int64
		channels, document sql.RawBytes
	)
	if err := rows.Scan(&a.ID, &a.SourceID, &a.ContentHash, &seen, &channels, &a.Unselected, &document); err != nil {
		return article.Article{}, err
	}
	a.FirstSeen = fromMillis(seen)
	if err := json.Unmarshal(channels, &a.Channels); err != nil {
		return article.Article{}, err
	}
	return a, decodeArticle(&a, document)
}

// Bury implements store.Store.
func (s *Store) Bury(ctx context.Context, id, reason string, now time.Time) (bool, error) {
	known := false
	err := s.write(ctx, len(reason), func(ctx context.Context, tx *transaction) error {
		var found []article.Article
		list, err := toJSON([]string{id})
		if err != nil {
			return err
		}
		err = tx.query(ctx, func(rows *sql.Rows) error {
			a, err := readArticle(rows)
			found = append(found, a)
			return err
		}, articlesByID, string(list))
		known = len(found) > 0
		if err != nil || !known || !found[0].TakenDown.IsZero() {
			return err
		}
		if err := leave(ctx, tx, found[0].Channels, now); err != nil {
			return err
		}
		return bury(ctx, tx, store.Tombstone(&found[0], reason, now))
	})
	return known, err
}

func bury(ctx context.Context, tx *transaction, tombstone article.Article) error {
	document, err := encodeArticle(&tombstone)
	if err != nil {
		return err
	}
	tx.touch()
	if err := tx.exec(ctx, deleteMembers, tombstone.ID); err != nil {
		return err
	}
	if err := tx.exec(ctx, dropPage, tombstone.SourceID, tombstone.ID); err != nil {
		return err
	}
	if err := tx.exec(ctx, buryArticle, tombstone.ID, millis(tombstone.SortTime()), document); err != nil {
		return err
	}
	return tx.exec(ctx, countBuried, tombstone.SourceID)
}
