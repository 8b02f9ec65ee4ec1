package mongo

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"

	"bantin/internal/store"
)

const (
	// defaultBatchSize keeps a batch of articles of a few KB well below the 48 MB
	// that a message may have; the driver splits a larger one.
	defaultBatchSize = 1000
	// defaultTimeout is longer than the election of a new primary (12 s).
	defaultTimeout = 30 * time.Second
	// pingTimeout is how long an operator waits for a wrong address, and at most
	// for the goodbye.
	pingTimeout = 10 * time.Second
	// maxAttempts is how often a write is tried that others get in the way of. Each
	// attempt that fails means that another one succeeded, so few are needed.
	maxAttempts = 20
)

// Options say where the store is. Only the URI is needed.
type Options struct {
	URI       string        // mongodb://host/database; the path names the database
	BatchSize int           // writes in a batch; 1,000, and 20 for some stand-ins
	Timeout   time.Duration // for one operation; 30 s
}

// A Store is a store.Store in a MongoDB database.
type Store struct {
	client    *mongo.Client
	batchSize int
	closed    atomic.Bool

	articles *mongo.Collection
	sources  *mongo.Collection
	hosts    *mongo.Collection
	channels *mongo.Collection
	decided  *mongo.Collection
	leavings *mongo.Collection
	cuts     *mongo.Collection
	issues   *mongo.Collection
	raws     *mongo.Collection
	pings    *mongo.Collection
	counters *mongo.Collection
}

var _ store.Store = (*Store)(nil)

// Open connects, makes the indexes that are missing, and finishes what a process
// that died had begun. Connecting does no I/O, so it pings the server first.
func Open(ctx context.Context, opts Options) (*Store, error) {
	if opts.BatchSize <= 0 {
		opts.BatchSize = defaultBatchSize
	}
	if opts.Timeout <= 0 {
		opts.Timeout = defaultTimeout
	}
	database, err := databaseName(opts.URI)
	if err != nil {
		return nil, err
	}
	clientOptions := options.Client().ApplyURI(opts.URI)
	if err := clientOptions.Validate(); err != nil {
		return nil, fmt.Errorf("open store: the MongoDB URI is not valid: %s: correct the store in bantin.yaml", withoutSecrets(err, opts.URI))
	}
	clientOptions.
		SetAppName("bantin").
		SetTimeout(opts.Timeout).
		// What is written must be found again by the next call.
		SetReadPreference(readpref.Primary()).
		SetWriteConcern(majority())
	hosts := strings.Join(clientOptions.Hosts, ",")
	client, err := mongo.Connect(clientOptions)
	if err != nil {
		return nil, fmt.Errorf("open store: connect to MongoDB at %s: %s: correct the store in bantin.yaml", hosts, withoutSecrets(err, opts.URI))
	}
	s := newStore(client, database, opts.BatchSize)
	if err := s.begin(ctx, min(opts.Timeout, pingTimeout)); err != nil {
		return nil, errors.Join(
			fmt.Errorf("open store: MongoDB at %s: %w: is the server running, and are address, name and password of the store in bantin.yaml right", hosts, err),
			s.Close(), //nolint:contextcheck // it closes also when ctx has ended
		)
	}
	return s, nil
}

func newStore(client *mongo.Client, database string, batchSize int) *Store {
	db := client.Database(database)
	return &Store{
		client:    client,
		batchSize: batchSize,
		articles:  db.Collection("articles"),
		sources:   db.Collection("sources"),
		hosts:     db.Collection("hosts"),
		channels:  db.Collection("channels"),
		decided:   db.Collection("decided"),
		leavings:  db.Collection("leavings"),
		cuts:      db.Collection("cuts"),
		issues:    db.Collection("issues"),
		raws:      db.Collection("raws"),
		pings:     db.Collection("pings"),
		counters:  db.Collection("counters"),
	}
}

func (s *Store) begin(ctx context.Context, patience time.Duration) error {
	ping, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := s.client.Ping(ping, readpref.Primary()); err != nil {
		return s.failed(ctx, err)
	}
	if err := s.makeIndexes(ctx); err != nil {
		return s.failed(ctx, err)
	}
	return s.finishForgetting(ctx)
}

// majority is acknowledged when most members have the write in their journal, so
// it survives the loss of the primary and of power.
func majority() *writeconcern.WriteConcern {
	concern := writeconcern.Majority()
	journal := true
	concern.Journal = &journal
	return concern
}

// databaseName takes the path of the URI. A URI with several hosts is not one that
// net/url reads, so it is cut by hand (the format is scheme://hosts/database?options).
func databaseName(uri string) (string, error) {
	_, rest, _ := strings.Cut(uri, "://")
	rest, _, _ = strings.Cut(rest, "?")
	_, path, _ := strings.Cut(rest, "/")
	name, err := url.PathUnescape(path)
	if err != nil || name == "" {
		return "", errors.New("open store: the MongoDB URI names no database: write mongodb://HOST/bantin as store in bantin.yaml")
	}
	return name, nil
}

// withoutSecrets is the text of an error about the URI without the name and
// password in it.
func withoutSecrets(err error, uri string) string {
	text := err.Error()
	_, rest, _ := strings.Cut(uri, "://")
	at := strings.LastIndex(rest, "@")
	if at < 0 {
		return text
	}
	credentials := rest[:at]
	_, password, _ := strings.Cut(credentials, ":")
	plain, _ := url.PathUnescape(password)
	for _, secret := range []string{credentials, password, plain} {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "…")
		}
	}
	return text
}

// Close waits a little for calls that are under way, and closes the connections.
func (s *Store) Close() error {
	if s.closed.Swap(true) {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), pingTimeout)
	defer cancel()
	return s.client.Disconnect(ctx)
}

// failed says what an error means to a caller: that its context ended, that the
// server cannot be reached or cannot write, or something else.
func (s *Store) failed(ctx context.Context, err error) error {
	var concern *mongo.WriteConcernError
	var bulk mongo.BulkWriteException
	var write mongo.WriteException
	switch {
	case err == nil || errors.Is(err, store.ErrUnavailable):
		return err
	case ctx.Err() != nil:
		return ctx.Err()
	case s.closed.Load():
		return fmt.Errorf("%w: it is closed", store.ErrUnavailable)
	case errors.As(err, &bulk):
		concern = bulk.WriteConcernError
	case errors.As(err, &write):
		concern = write.WriteConcernError
	}
	if concern != nil || unreachable(err) {
		return fmt.Errorf("%w: %w", store.ErrUnavailable, err)
	}
	return err
}

func unreachable(err error) bool {
	if mongo.IsNetworkError(err) || mongo.IsTimeout(err) || errors.Is(err, mongo.ErrClientDisconnected) {
		return true
	}
	// No primary at the moment, a shutdown, a full disk: the label that servers put
	// on such errors, and the codes of those that older ones do not label.
	var failure mongo.ServerError
	if !errors.As(err, &failure) {
		return false
	}
	codes := []int{
		91,    // ShutdownInProgress
		189,   // PrimarySteppedDown
		10107, // NotWritablePrimary
		11600, // InterruptedAtShutdown
		13435, // NotPrimaryNoSecondaryOk
		14031, // OutOfDiskSpace
	}
	return failure.HasErrorLabel("RetryableWriteError") || slices.ContainsFunc(codes, failure.HasErrorCode)
}

// nextRevision tells every process that what an output shows may have changed.
func (s *Store) nextRevision(ctx context.Context) error {
	return s.retryDuplicate(ctx, func() error {
		_, err := s.counters.UpdateOne(ctx,
			bson.D{{Key: "_id", Value: "revision"}},
			bson.D{{Key: "$inc", Value: bson.D{{Key: "number", Value: int64(1)}}}},
			options.UpdateOne().SetUpsert(true))
		return err
	})
}

// Revision implements store.Store.
func (s *Store) Revision(ctx context.Context) (int64, error) {
	var counter struct {
		Number int64 `bson:"number"`
	}
	err := s.counters.FindOne(ctx, bson.D{{Key: "_id", Value: "revision"}}).Decode(&counter)
	if errors.Is(err, mongo.ErrNoDocuments) {
		return 0, nil
	}
	return counter.Number, s.failed(ctx, err)
}

// retryDuplicate runs an upsert again that met another one of the same document:
// both found none, and the second one to insert it gets E11000.
func (s *Store) retryDuplicate(ctx context.Context, upsert func() error) error {
	var err error
	for range maxAttempts {
		if err = upsert(); !mongo.IsDuplicateKeyError(err) {
			break
		}
	}
	return s.failed(ctx, err)
}

// readAll reads what a query found. T is the document.
func readAll[T any](ctx context.Context, s *Store, cursor *mongo.Cursor, err error) ([]T, error) {
	if err != nil {
		return nil, s.failed(ctx, err)
	}
	var documents []T
	if err := cursor.All(ctx, &documents); err != nil { // All closes the cursor
		return nil, s.failed(ctx, err)
	}
	return documents, nil
}
