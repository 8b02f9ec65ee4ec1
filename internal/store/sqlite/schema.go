package sqlite

import (
	"context"
	"database/sql"
	"fmt"
)

// applicationID marks the file as Bantin's, so that another program's database is
// never written to. It is "Btin" in ASCII (PRAGMA application_id).
const applicationID = 0x4274696e

// migrations are the steps from an empty file to the schema of this program. The
// number of steps done is the file's user_version. A released step never changes.
func migrations() []string {
	return []string{
		`CREATE TABLE sources (
			id       TEXT PRIMARY KEY,
			active   INTEGER NOT NULL, -- 1 while the source is configured
			next     INTEGER NOT NULL, -- NextFetchAt
			articles INTEGER NOT NULL, -- how many, without tombstones
			state    TEXT NOT NULL     -- JSON, see stateDocument
		) STRICT, WITHOUT ROWID;
		CREATE INDEX sources_due ON sources (next, id) WHERE active = 1;

		-- Rows are large and come in the order of n, so new ones fill new pages.
		CREATE TABLE articles (
			n          INTEGER PRIMARY KEY,
			id         TEXT NOT NULL UNIQUE,
			source     TEXT NOT NULL,
			url        INTEGER NOT NULL, -- see urlKey
			twin       TEXT,             -- NULL where another article holds it
			hash       TEXT NOT NULL,    -- ContentHash
			seen       INTEGER NOT NULL, -- FirstSeen
			sort       INTEGER NOT NULL, -- SortTime
			buried     INTEGER NOT NULL, -- 1 for a tombstone
			channels   TEXT NOT NULL,    -- JSON array of keys
			unselected TEXT NOT NULL,
			doc        BLOB NOT NULL     -- see encodeArticle
		) STRICT;
		-- Equal twins have equal URLs, so this keeps a twin unique and finds a URL.
		CREATE UNIQUE INDEX articles_url ON articles (url, twin);
		CREATE INDEX articles_seen ON articles (seen);
		CREATE INDEX articles_buried ON articles (url) WHERE buried = 1; -- few

		CREATE TABLE members (
			key  TEXT NOT NULL, -- of the channel
			sort INTEGER NOT NULL,
			id   TEXT NOT NULL,
			PRIMARY KEY (key, sort DESC, id)
		) STRICT, WITHOUT ROWID;

		CREATE TABLE channels (
			id  TEXT PRIMARY KEY,
			key TEXT NOT NULL -- the active one
		) STRICT, WITHOUT ROWID;

		-- The keys under which every article has been decided.
		CREATE TABLE decided (key TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;

		CREATE TABLE issues (
			digest TEXT NOT NULL,
			date   TEXT NOT NULL,
			doc    TEXT NOT NULL, -- JSON, see issueDocument
			PRIMARY KEY (digest, date)
		) STRICT, WITHOUT ROWID;

		CREATE TABLE revision (number INTEGER NOT NULL) STRICT; -- one row, see store.Store
		INSERT INTO revision (number) VALUES (0);`,

		`CREATE TABLE hosts (
			host TEXT PRIMARY KEY,
			free INTEGER NOT NULL -- when the next turn may be given
		) STRICT, WITHOUT ROWID;`,

		// NULL where too little is said, and in what was stored before this step until
		// it changes: to read the whole archive at a start costs more than it gives.
		`ALTER TABLE articles ADD COLUMN likeness INTEGER; -- see article.Likeness
		CREATE INDEX articles_likeness ON articles (likeness) WHERE likeness IS NOT NULL;`,

		`CREATE TABLE leases (
			host  TEXT NOT NULL,
			token TEXT NOT NULL,
			until INTEGER NOT NULL,
			PRIMARY KEY (host, token)
		) STRICT, WITHOUT ROWID;`,
		`-- What the articles were read from, as long as it is kept.
		CREATE TABLE raws (
			n      INTEGER PRIMARY KEY,
			source TEXT NOT NULL,
			at     INTEGER NOT NULL, -- FetchedAt
			about  TEXT NOT NULL,    -- JSON, see rawDocument
			body   BLOB NOT NULL     -- in zstd
		) STRICT;
		CREATE INDEX raws_source ON raws (source, at);
		CREATE INDEX raws_at ON raws (at);
		ALTER TABLE articles ADD COLUMN revision INTEGER NOT NULL DEFAULT 0; -- see store.Store.Revisions`,

		`CREATE TABLE leavings (
			key TEXT PRIMARY KEY, -- of a channel
			at  INTEGER NOT NULL  -- when an article last left it
		) STRICT, WITHOUT ROWID;`,

		`CREATE TABLE cuts (
			key   TEXT NOT NULL, -- of a channel
			month TEXT NOT NULL,
			part  INTEGER NOT NULL, -- from 1
			seen  INTEGER NOT NULL, -- of the arrival before which the part ends
			id    TEXT NOT NULL,
			PRIMARY KEY (key, month, part)
		) STRICT, WITHOUT ROWID;

		CREATE TABLE pings (
			hub      TEXT NOT NULL,
			topic    TEXT NOT NULL,
			hash     TEXT NOT NULL, -- of the topic's bytes
			due      INTEGER NOT NULL,
			attempts INTEGER NOT NULL,
			PRIMARY KEY (hub, topic)
		) STRICT, WITHOUT ROWID;`,
	}
}

// migrate brings the schema of the file up to date. Two programs that open a new
// file at once take turns: BEGIN IMMEDIATE holds the lock before anything is read.
func migrate(ctx context.Context, conn *sql.Conn, path string) error {
	if _, err := conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	if err := migrateLocked(ctx, conn, path); err != nil {
		_, _ = conn.ExecContext(ctx, "ROLLBACK") // the first error is the one to report
		return err
	}
	_, err := conn.ExecContext(ctx, "COMMIT")
	return err
}

func migrateLocked(ctx context.Context, conn *sql.Conn, path string) error {
	var owner, version, objects int
	for query, target := range map[string]*int{
		"PRAGMA application_id":              &owner,
		"PRAGMA user_version":                &version,
		"SELECT count(*) FROM sqlite_schema": &objects,
	} {
		if err := conn.QueryRowContext(ctx, query).Scan(target); err != nil {
			return err
		}
	}
	steps := migrations()
	switch {
	case objects > 0 && owner != applicationID:
		return fmt.Errorf("%s is the SQLite database of another program: name another file as store in bantin.yaml", path)
	case version > len(steps):
		return fmt.Errorf("%s has schema %d and this Bantin knows %d: use the newer Bantin that wrote it, or name another file as store in bantin.yaml",
			path, version, len(steps))
	case version == len(steps):
		return nil
	}
	for _, step := range steps[version:] {
		if _, err := conn.ExecContext(ctx, step); err != nil {
			return err
		}
	}
	_, err := conn.ExecContext(ctx, fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d", applicationID, len(steps)))
	return err
}
