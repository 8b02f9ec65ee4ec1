package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"sync"

	"bantin/internal/store"
)

// One transaction takes at most so many requests and about so many bytes: the
// first caller of a batch waits for the last, and changed pages that outgrow the
// page cache are written twice. Beyond 64 requests an fsync is no longer the cost.
const (
	maxBatchRequests = 64
	maxBatchBytes    = 8 << 20
)

// A writer owns the only connection that writes.
type writer struct {
	tx       *transaction
	sameFile func() error // see Store

	mu      sync.Mutex
	changed *sync.Cond // of waiting or closed
	waiting []*request
	closed  bool
	done    chan struct{} // closed when the last request is answered
}

type request struct {
	size   int
	apply  func(context.Context, *transaction) error
	answer chan error
}

func startWriter(ctx context.Context, conn *sql.Conn, sameFile func() error) *writer {
	w := &writer{
		sameFile: sameFile,
		tx:       &transaction{conn: conn, statements: make(map[string]*sql.Stmt)},
		done:     make(chan struct{}),
	}
	w.changed = sync.NewCond(&w.mu)
	go w.run(ctx)
	return w
}

// write waits until the request is on the disk. A caller whose context ends takes
// its request back; once the writer has it, the outcome is what counts.
func (w *writer) write(ctx context.Context, r *request) error {
	r.answer = make(chan error, 1) // the writer never waits for a caller
	if err := w.enqueue(r); err != nil {
		return err
	}
	select {
	case err := <-r.answer:
		return err
	case <-ctx.Done():
		if w.withdraw(r) {
			return ctx.Err()
		}
		return <-r.answer
	}
}

func (w *writer) enqueue(r *request) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return fmt.Errorf("%w: it is closed", store.ErrUnavailable)
	}
	w.waiting = append(w.waiting, r)
	w.changed.Signal()
	return nil
}

// withdraw reports whether the request was still waiting.
func (w *writer) withdraw(r *request) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	i := slices.Index(w.waiting, r)
	if i < 0 {
		return false
	}
	w.waiting = slices.Delete(w.waiting, i, i+1)
	return true
}

// close lets the writer finish what waits and stops it.
func (w *writer) close() error {
	w.mu.Lock()
	w.closed = true
	w.changed.Signal()
	w.mu.Unlock()
	<-w.done
	return w.tx.close()
}

func (w *writer) run(ctx context.Context) {
	defer close(w.done)
	for {
		batch := w.take()
		if len(batch) == 0 {
			return
		}
		w.writeBatch(ctx, batch)
	}
}

// take waits for requests and returns those that fit in a batch, none when the
// writer is closed and all is done.
func (w *writer) take() []*request {
	w.mu.Lock()
	defer w.mu.Unlock()
	for len(w.waiting) == 0 && !w.closed {
		w.changed.Wait()
	}
	count, size := 0, 0
	for count < len(w.waiting) && count < maxBatchRequests && size < maxBatchBytes {
		size += w.waiting[count].size
		count++
	}
	batch := slices.Clone(w.waiting[:count])
	w.waiting = slices.Delete(w.waiting, 0, count)
	return batch
}

// writeBatch writes the requests in one transaction. When that fails, each gets a
// transaction of its own, so that one that fails does not spoil the others. That
// is rare; a savepoint for each would make every batch pay for it, and would not
// help against a full disk, where SQLite itself rolls the whole transaction back.
func (w *writer) writeBatch(ctx context.Context, batch []*request) {
	err := w.sameFile()
	if err != nil {
		err = errors.Join(errNotBegun, err)
	} else {
		err = w.tx.run(ctx, batch)
	}
	if err == nil || len(batch) == 1 || errors.Is(err, errNotBegun) {
		for _, r := range batch {
			r.answer <- err
		}
		return
	}
	for i := range batch {
		batch[i].answer <- w.tx.run(ctx, batch[i:i+1])
	}
}

// errNotBegun says that no transaction could be begun: trying each request alone
// would wait for the same lock again and again.
var errNotBegun = errors.New("begin transaction")

// A transaction runs statements on the writer's connection, each prepared once.
type transaction struct {
	conn       *sql.Conn
	statements map[string]*sql.Stmt
	visible    bool // whether it changes what an output may show
}

const nextRevision = `UPDATE revision SET number = number + 1`

// touch says that the transaction changes what an output may show.
func (t *transaction) touch() { t.visible = true }

func (t *transaction) run(ctx context.Context, batch []*request) error {
	if err := t.exec(ctx, "BEGIN IMMEDIATE"); err != nil {
		return fmt.Errorf("%w: %w", errNotBegun, err)
	}
	if err := t.apply(ctx, batch); err != nil {
		_ = t.exec(ctx, "ROLLBACK") // it fails where SQLite has rolled back itself
		return err
	}
	return nil
}

func (t *transaction) apply(ctx context.Context, batch []*request) error {
	t.visible = false
	for _, r := range batch {
		if err := r.apply(ctx, t); err != nil {
			return err
		}
	}
	if t.visible {
		if err := t.exec(ctx, nextRevision); err != nil {
			return err
		}
	}
	return t.exec(ctx, "COMMIT")
}

// exec runs a statement that returns no rows.
func (t *transaction) exec(ctx context.Context, query string, args ...any) error {
	statement, err := t.statement(ctx, query)
	if err != nil {
		return err
	}
	_, err = statement.ExecContext(ctx, args...)
	return err
}

// query runs a query and calls read for each row.
func (t *transaction) query(ctx context.Context, read func(*sql.Rows) error, query string, args ...any) error {
	statement, err := t.statement(ctx, query)
	if err != nil {
		return err
	}
	rows, err := statement.QueryContext(ctx, args...)
	if err != nil {
		return err
	}
	return readRows(rows, read)
}

func (t *transaction) statement(ctx context.Context, query string) (*sql.Stmt, error) {
	if statement, ok := t.statements[query]; ok {
		return statement, nil
	}
	statement, err := t.conn.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	t.statements[query] = statement
	return statement, nil
}

func (t *transaction) close() error {
	var errs []error
	for _, statement := range t.statements {
		errs = append(errs, statement.Close())
	}
	return errors.Join(append(errs, t.conn.Close())...)
}
