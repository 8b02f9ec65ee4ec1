package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync/atomic"

	sqlite3 "modernc.org/sqlite" // also registers the driver "sqlite"
	sqlitelib "modernc.org/sqlite/lib"

	"bantin/internal/store"
)

// maxReaders is the number of connections for queries: enough for the scheduler,
// the publisher and some readers at once. Each holds a page cache of up to 2 MB.
const maxReaders = 4

// A Store is a store.Store in a SQLite file.
type Store struct {
	path   string
	opened os.FileInfo
	reader *sql.DB
	owner  *sql.DB // of the writer's connection
	writer *writer
	closed atomic.Bool
}

var _ store.Store = (*Store)(nil)

// Open opens the file, and makes it when it does not exist.
func Open(ctx context.Context, path string) (*Store, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	if info, err := os.Stat(filepath.Dir(path)); err != nil || !info.IsDir() {
		return nil, fmt.Errorf("open store: there is no folder %s: make it, or name another file as store in bantin.yaml", filepath.Dir(path))
	}
	s := &Store{path: path}
	if err := s.open(ctx); err != nil {
		return nil, errors.Join(s.openError(err), s.closeFiles())
	}
	return s, nil
}

func (s *Store) open(ctx context.Context) error {
	var err error
	s.owner, err = sql.Open("sqlite", dataSource(s.path, writerPragmas()))
	if err != nil {
		return err
	}
	// The writer's transactions must all go through one connection.
	s.owner.SetMaxOpenConns(1)
	conn, err := s.owner.Conn(ctx)
	if err != nil {
		return err
	}
	if err := migrate(ctx, conn, s.path); err != nil {
		return errors.Join(err, conn.Close())
	}
	s.reader, err = sql.Open("sqlite", dataSource(s.path, readerPragmas()))
	if err != nil {
		return errors.Join(err, conn.Close())
	}
	s.reader.SetMaxOpenConns(maxReaders)
	s.reader.SetMaxIdleConns(maxReaders)
	if s.opened, err = os.Stat(s.path); err != nil {
		return errors.Join(err, conn.Close())
	}
	s.writer = startWriter(context.WithoutCancel(ctx), conn, s.sameFile)
	return nil
}

// sameFile fails when the file is no longer the one that was opened: what is
// written to a file that was removed is gone when the process ends.
func (s *Store) sameFile() error {
	now, err := os.Stat(s.path)
	if err == nil && !os.SameFile(s.opened, now) {
		err = errors.New("there is another file in its place")
	}
	if err != nil {
		return fmt.Errorf("%w: %s was removed or replaced; start Bantin again: %w", store.ErrUnavailable, s.path, err)
	}
	return nil
}

func writerPragmas() []string {
	return []string{
		// Before the file is made: three articles of common length share a page of
		// 8 KB, one has a page of 4 KB to itself.
		"page_size(8192)",
		// Another process (a command beside the daemon) may be writing. A daemon that
		// is stopped must end within ten seconds, also when it has just begun to wait.
		"busy_timeout(4000)",
		"journal_mode(WAL)",
		"synchronous(FULL)", // a COMMIT is on the disk when it returns, also after a power cut
		"foreign_keys(OFF)", // there are none
		// 16 MB: the inner pages of all indexes at a few hundred thousand articles.
		"cache_size(-16000)",
		// A checkpoint after 16 MB of log and not 4: the same index pages are
		// changed again and again, and a checkpoint writes each only once.
		"wal_autocheckpoint(2000)",
	}
}

func readerPragmas() []string {
	return []string{"busy_timeout(10000)", "query_only(1)"}
}

func dataSource(path string, pragmas []string) string {
	name := url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(path)}
	name.RawQuery = url.Values{"_pragma": pragmas}.Encode()
	return name.String()
}

// openError says in the operator's words why the file cannot be opened.
func (s *Store) openError(err error) error {
	if failure, ok := errors.AsType[*sqlite3.Error](err); ok {
		switch failure.Code() & 0xff { // the upper bits are the extended code
		case sqlitelib.SQLITE_NOTADB:
			return fmt.Errorf("open store: %s is not a SQLite database: move it away, or name another file as store in bantin.yaml", s.path)
		case sqlitelib.SQLITE_CANTOPEN, sqlitelib.SQLITE_READONLY, sqlitelib.SQLITE_PERM:
			return fmt.Errorf("open store: %s cannot be written: check the permissions of the file and its folder: %w", s.path, s.failed(err))
		}
	}
	return fmt.Errorf("open store %s: %w", s.path, s.failed(err))
}

// Close answers the writes that wait and closes the file.
func (s *Store) Close() error {
	if s.closed.Swap(true) {
		return nil
	}
	return errors.Join(s.writer.close(), s.closeFiles())
}

func (s *Store) closeFiles() error {
	var errs []error
	// The writer last: the last connection that closes folds the log into the file.
	for _, db := range []*sql.DB{s.reader, s.owner} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}

// failed marks the errors that a later attempt may not meet again.
func (s *Store) failed(err error) error {
	if err == nil || errors.Is(err, store.ErrUnavailable) {
		return err
	}
	if s.closed.Load() {
		return fmt.Errorf("%w: it is closed", store.ErrUnavailable)
	}
	failure, ok := errors.AsType[*sqlite3.Error](err)
	if !ok {
		return err
	}
	switch failure.Code() & 0xff {
	case sqlitelib.SQLITE_FULL:
		return fmt.Errorf("%w: the disk is full: %w", store.ErrUnavailable, err)
	case sqlitelib.SQLITE_BUSY, sqlitelib.SQLITE_LOCKED:
		return fmt.Errorf("%w: another program is writing to it: %w", store.ErrUnavailable, err)
	case sqlitelib.SQLITE_IOERR, sqlitelib.SQLITE_READONLY, sqlitelib.SQLITE_CANTOPEN,
		sqlitelib.SQLITE_NOMEM, sqlitelib.SQLITE_PERM, sqlitelib.SQLITE_PROTOCOL:
		return fmt.Errorf("%w: %w", store.ErrUnavailable, err)
	}
	return err
}

// query runs a query and calls read for each row.
func (s *Store) query(ctx context.Context, read func(*sql.Rows) error, query string, args ...any) error {
	if s.closed.Load() {
		return s.failed(sql.ErrConnDone)
	}
	rows, err := s.reader.QueryContext(ctx, query, args...)
	if err != nil {
		return s.failed(err)
	}
	return s.failed(readRows(rows, read))
}

func readRows(rows *sql.Rows, read func(*sql.Rows) error) error {
	for rows.Next() {
		if err := read(rows); err != nil {
			return errors.Join(err, rows.Close())
		}
	}
	return rows.Err() // Next has closed them
}

// write runs apply in a transaction, perhaps with the writes of others. It is run
// again when one of those failed. size is about the number of bytes it writes.
func (s *Store) write(ctx context.Context, size int, apply func(context.Context, *transaction) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.failed(s.writer.write(ctx, &request{size: size, apply: apply}))
}
