package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"math"
	"time"

	"bantin/internal/article"
	"bantin/internal/store"
)

// CROSS JOIN keeps the order of the tables: the members in the order of their
// range, then an article for each.
const (
	selectMembers = `SELECT id FROM members WHERE key = ?1 ORDER BY sort DESC, id LIMIT ?2`
	membersSeen   = `SELECT m.id FROM articles r
		CROSS JOIN members m ON m.key = ?1 AND m.sort = r.sort AND m.id = r.id
		WHERE r.seen >= ?2 AND r.seen < ?3 ORDER BY m.sort DESC, m.id LIMIT ?4`
	selectArticles = `SELECT ` + articleColumns + `
		FROM members m CROSS JOIN articles a ON a.id = m.id
		WHERE m.key = ?1 ORDER BY m.sort DESC, m.id LIMIT ?2`
	// Of those seen in a time, which are few however large the archive is, the ids that
	// the channel has are sorted and then an article is read for each.
	selectSeen = `SELECT ` + articleColumns + `
		FROM (SELECT r.n, m.sort, m.id FROM articles r
			CROSS JOIN members m ON m.key = ?1 AND m.sort = r.sort AND m.id = r.id
			WHERE r.seen >= ?2 AND r.seen < ?3 ORDER BY m.sort DESC, m.id LIMIT ?4) wanted
		CROSS JOIN articles a ON a.n = wanted.n ORDER BY wanted.sort DESC, wanted.id`

	enrollMembers = `INSERT OR IGNORE INTO members (key, sort, id)
		SELECT ?1, sort, id FROM articles
		WHERE id IN (SELECT value FROM json_each(?2)) AND buried = 0`
	enrollArticles = `UPDATE articles SET channels = json_insert(channels, '$[#]', ?1), unselected = ''
		WHERE id IN (SELECT value FROM json_each(?2)) AND buried = 0
		AND NOT EXISTS (SELECT 1 FROM json_each(channels) WHERE value = ?1)`

	// Most of the time there is nothing to delete, and nothing is written.
	keepDecided   = `DELETE FROM decided WHERE key NOT IN (SELECT value FROM json_each(?1))`
	addDecided    = `INSERT OR IGNORE INTO decided (key) SELECT value FROM json_each(?1)`
	decidedKeys   = `SELECT key FROM decided ORDER BY key`
	forgetDecided = `DELETE FROM decided WHERE key = ?1`

	activeKey      = `SELECT key FROM channels WHERE id = ?1`
	activeKeys     = `SELECT id, key FROM channels`
	putActiveKey   = `INSERT INTO channels (id, key) VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET key = excluded.key`
	forgetArticles = `UPDATE articles
		SET channels = (SELECT json_group_array(value) FROM json_each(channels) WHERE value <> ?1)
		WHERE id IN (SELECT id FROM members WHERE key = ?1)`
	forgetMembers = `DELETE FROM members WHERE key = ?1`

	putLeft = `INSERT INTO leavings (key, at) SELECT value, ?2 FROM json_each(?1) WHERE true
		ON CONFLICT (key) DO UPDATE SET at = max(at, excluded.at)`
	lastLeft   = `SELECT key, at FROM leavings`
	forgetLeft = `DELETE FROM leavings WHERE key = ?1`
)

// Select implements store.Store.
func (s *Store) Select(ctx context.Context, query store.Query) ([]article.Article, error) {
	if query.Windowed() {
		return s.articles(ctx, selectSeen, window(query)...)
	}
	return s.articles(ctx, selectArticles, query.Key, query.Limit)
}

// Members implements store.Store.
func (s *Store) Members(ctx context.Context, query store.Query) ([]string, error) {
	if query.Windowed() {
		return s.texts(ctx, membersSeen, window(query)...)
	}
	return s.texts(ctx, selectMembers, query.Key, query.Limit)
}

// window are the arguments of a query by when articles were seen.
func window(query store.Query) []any {
	before := int64(math.MaxInt64)
	if !query.SeenBefore.IsZero() {
		before = millis(query.SeenBefore)
	}
	return []any{query.Key, millis(query.SeenSince), before, query.Limit}
}

// texts runs a query for one column of text.
func (s *Store) texts(ctx context.Context, query string, args ...any) ([]string, error) {
	var texts []string
	err := s.query(ctx, func(rows *sql.Rows) error {
		var text string
		err := rows.Scan(&text)
		texts = append(texts, text)
		return err
	}, query, args...)
	return texts, err
}

// Enroll implements store.Store.
func (s *Store) Enroll(ctx context.Context, key string, ids []string) error {
	list, err := toJSON(ids)
	if err != nil {
		return err
	}
	return s.write(ctx, len(list), func(ctx context.Context, tx *transaction) error {
		tx.touch()
		if err := tx.exec(ctx, enrollMembers, key, string(list)); err != nil {
			return err
		}
		return tx.exec(ctx, enrollArticles, key, string(list))
	})
}

// Decided implements store.Store.
func (s *Store) Decided(ctx context.Context) ([]string, error) {
	return s.texts(ctx, decidedKeys)
}

// SetDecided implements store.Store.
func (s *Store) SetDecided(ctx context.Context, keys []string) error {
	list, err := encodeKeys(keys)
	if err != nil {
		return err
	}
	return s.write(ctx, len(list), func(ctx context.Context, tx *transaction) error {
		return tx.exec(ctx, addDecided, list)
	})
}

// Activate implements store.Store. It is one transaction, in which every article
// that the former key took gets a new row: of a large channel that is long, and
// all other writes wait for it. Rules change seldom.
func (s *Store) Activate(ctx context.Context, channelID, key string) error {
	return s.write(ctx, len(key), func(ctx context.Context, tx *transaction) error {
		var former []string
		err := tx.query(ctx, func(rows *sql.Rows) error {
			var one string
			err := rows.Scan(&one)
			former = append(former, one)
			return err
		}, activeKey, channelID)
		if err != nil {
			return err
		}
		if len(former) == 1 && former[0] == key {
			return nil
		}
		tx.touch()
		if err := tx.exec(ctx, putActiveKey, channelID, key); err != nil || len(former) == 0 {
			return err
		}
		return errors.Join(
			tx.exec(ctx, forgetArticles, former[0]), // it reads the members
			tx.exec(ctx, forgetMembers, former[0]),
			tx.exec(ctx, forgetDecided, former[0]),
			tx.exec(ctx, forgetLeft, former[0]),
		)
	})
}

// ActiveKeys implements store.Store.
func (s *Store) ActiveKeys(ctx context.Context) (map[string]string, error) {
	keys := make(map[string]string)
	err := s.query(ctx, func(rows *sql.Rows) error {
		var id, key string
		err := rows.Scan(&id, &key)
		keys[id] = key
		return err
	}, activeKeys)
	return keys, err
}

// LastLeft implements store.Store.
func (s *Store) LastLeft(ctx context.Context) (map[string]time.Time, error) {
	left := make(map[string]time.Time)
	err := s.query(ctx, func(rows *sql.Rows) error {
		var key string
		var at int64
		err := rows.Scan(&key, &at)
		left[key] = fromMillis(at)
		return err
	}, lastLeft)
	return left, err
}

// leave writes down that an article left the channels with these keys.
func leave(ctx context.Context, tx *transaction, keys []string, at time.Time) error {
	if len(keys) == 0 {
		return nil
	}
	list, err := encodeKeys(keys)
	if err != nil {
		return err
	}
	return tx.exec(ctx, putLeft, list, millis(at))
}
