// Package store is the contract of Bantin's memory. Two packages implement it,
// sqlite (embedded, the default) and mongo (production); storetest is the one
// suite that both pass.
//
// What always holds: a source's validators and body hash are durable only when
// every article of that body is (Commit); putting the same article twice changes
// nothing; the id and FirstSeen of an article never change; a tombstone is for
// ever; every query of an output or of the scheduler is served by an index.
package store

import (
	"cmp"
	"context"
	"errors"
	"time"

	"bantin/internal/article"
)

// ErrUnavailable says that the store cannot be reached or written at the
// moment. The refresh is lost, nothing else: fetching again repairs it.
var ErrUnavailable = errors.New("store unavailable")

// A Store remembers sources, articles, channels and digests. All methods are
// safe for concurrent use. All times are kept to the millisecond and come back in
// UTC. After Close, every method fails with ErrUnavailable.
type Store interface {
	// SetSources makes the keys the sources that can be due. One that the store
	// does not know becomes due at its time, and so does one whose time is before
	// missed; any other known one keeps its time, and all keep their state. A source
	// that is not among the keys keeps its state but is never due.
	SetSources(ctx context.Context, due map[string]time.Time, missed time.Time) error
	// KeepSources makes the keys sources that can be due again, where another process
	// with other sources took them off. One that the store does not know becomes due
	// at its time. All known ones keep their times, and no other source changes.
	KeepSources(ctx context.Context, due map[string]time.Time) error
	// Due returns up to limit sources with NextFetchAt at or before now, the
	// longest due first.
	Due(ctx context.Context, now time.Time, limit int) ([]article.SourceState, error)
	// Postpone moves the time of a source from one to another. Where it is not, or no
	// longer, due at the first, it changes nothing and reports false: of several that
	// found a source due, one may refresh it.
	Postpone(ctx context.Context, id string, from, to time.Time) (bool, error)
	// States returns what is known of the sources, by id; of all when none is named.
	States(ctx context.Context, ids ...string) (map[string]article.SourceState, error)
	// ArticleCounts returns the number of articles by source, without tombstones.
	ArticleCounts(ctx context.Context) (map[string]int, error)

	// Turn gives the caller the next turn at a host: now, or later where turns
	// given before, by this or another process, are less than Gap apart, the host is
	// held, or others have all of its places. The turn is taken when it comes at or
	// before Latest and there is a place; else it is only told, so that the caller
	// can ask again. Who has a lease already renews it with each turn.
	Turn(ctx context.Context, claim Claim) (Turn, error)
	// Release gives a place back. A lease that ended, or is not known, is none.
	Release(ctx context.Context, lease article.Lease) error
	// Hold lets nobody have a turn at the host before until. A hold is never shortened.
	Hold(ctx context.Context, host string, until time.Time) error

	// Commit makes the articles durable and then the state of their source, which
	// is one for all.
	// An article with a known id, or with the Twin or Likeness of a known one, replaces its
	// content and keeps its id and FirstSeen; with the same ContentHash it changes
	// nothing. A tombstone is left alone, and no new article of any source comes in
	// under its URL. Of two in one refresh that are the same article the first
	// counts. Plan is this rule. What the articles were read from is durable with
	// them. A refresh of articles that were read Again leaves the state as it is.
	Commit(ctx context.Context, refresh article.Refresh) (article.Counts, error)
	// Preview returns the changes that Commit would make now, and makes none.
	Preview(ctx context.Context, refresh article.Refresh) ([]Change, error)
	// ScanRaw calls read with what is kept of a source since a time, the oldest
	// first, until read fails. What it gets is its own.
	ScanRaw(ctx context.Context, sourceID string, since time.Time, read func(article.Raw) error) error
	// DropRaw forgets what was kept before a time, and returns how many it was.
	DropRaw(ctx context.Context, before time.Time) (int, error)

	// Known returns the ContentHash of each of the articles that is stored,
	// tombstones included (with an empty hash).
	Known(ctx context.Context, ids []string) (map[string]string, error)
	// Revisions returns for each of the articles that is stored a number that is
	// another one after every change of what is stored of it.
	Revisions(ctx context.Context, ids []string) (map[string]int64, error)
	// Articles returns those of the articles that are stored, tombstones
	// included, in the order of ids.
	Articles(ctx context.Context, ids []string) ([]article.Article, error)
	// ArticlesByURL returns the articles, tombstones included, whose URL has the
	// same canonical form, in the order of their ids; none for an empty URL.
	ArticlesByURL(ctx context.Context, url string) ([]article.Article, error)
	// Scan returns up to limit articles, without tombstones, in the order of
	// their ids, beginning after the given one.
	Scan(ctx context.Context, after string, limit int) ([]article.Article, error)
	// Bury turns an article into a tombstone, takes it out of every channel and
	// forgets the page that was kept of it. It reports whether the id was known. A
	// tombstone stays as it was first made.
	Bury(ctx context.Context, id, reason string, now time.Time) (bool, error)

	// Select returns articles of one channel, newest first by SortTime, then by id.
	Select(ctx context.Context, query Query) ([]article.Article, error)
	// Members returns the ids of the articles that Select returns, in the same order.
	Members(ctx context.Context, query Query) ([]string, error)
	// Arrivals returns when those articles were first seen, in the order in which
	// they were, then by id.
	Arrivals(ctx context.Context, query Query) ([]Arrival, error)
	// Span returns when the first and the last of all articles were first seen,
	// tombstones included, so that it never shrinks; zero times when there is none.
	Span(ctx context.Context) (first, last time.Time, err error)
	// Cuts returns where the parts end into which a month of a channel's archive
	// is cut, in their order.
	Cuts(ctx context.Context, key, month string) ([]Arrival, error)
	// Cut ends a part, counted from 1, before an arrival, and returns the end that
	// it then has: a part that has an end keeps it for ever.
	Cut(ctx context.Context, key, month string, part int, end Arrival) (Arrival, error)

	// Enroll adds articles to the channel with the key, for rules that came after
	// them. Ids that are unknown or buried are passed over.
	Enroll(ctx context.Context, key string, ids []string) error
	// Decided returns the keys under which every stored article has been decided, in
	// their order: those given to SetDecided, without those that a Commit with new or
	// changed articles since did not name in Refresh.Decided.
	Decided(ctx context.Context) ([]string, error)
	// SetDecided adds keys to them, once stored articles have been decided again.
	SetDecided(ctx context.Context, keys []string) error
	// Activate makes key the one under which the channel is published, and
	// forgets the membership under the key that it replaces, which is then no
	// longer among Decided.
	Activate(ctx context.Context, channelID, key string) error
	// ActiveKeys returns the active key of each channel, by the channel's id.
	ActiveKeys(ctx context.Context) (map[string]string, error)

	// LastLeft returns when an article last left a channel, being taken down or
	// changed, by the channel's key; without those that none has left.
	LastLeft(ctx context.Context) (map[string]time.Time, error)

	// PutIssue stores a digest issue, in place of one with the same id and date.
	PutIssue(ctx context.Context, issue article.Issue) error
	// Issue returns the issue of a digest with the date, and whether there is one.
	Issue(ctx context.Context, digestID, date string) (article.Issue, bool, error)
	// Issues returns up to limit issues of a digest, the newest first.
	Issues(ctx context.Context, digestID string, limit int) ([]article.Issue, error)

	// Pings returns what each hub knows of each topic, in the order of both.
	Pings(ctx context.Context) ([]Ping, error)
	// SwapPing puts next in the place of known, which is the ping of the same hub
	// and topic as it was read, with an empty Hash when there was none. It changes
	// nothing and reports false when that has changed meanwhile.
	SwapPing(ctx context.Context, known, next Ping) (bool, error)

	// Revision is a number that is another one after every write that may change
	// an output: new, updated or buried articles, membership, issues. A refresh
	// that brought nothing leaves it as it is. Any process that writes moves it,
	// so whoever publishes follows it.
	Revision(ctx context.Context) (int64, error)

	Close() error
}

// A Claim asks for a turn at the host of a lease.
type Claim struct {
	article.Lease
	Now    time.Time
	Latest time.Time
	Gap    time.Duration // between two turns; with 0 turns are not counted
	Places int           // how many leases the host has at once; with 0 none is taken
	For    time.Duration // until when, after the turn, the lease ends by itself
}

// A Turn is when a host may be asked.
type Turn struct {
	At    time.Time
	Taken bool
	// Full says that others have all places at a host that could be asked in time. At is
	// when the first of their leases ends; most are given back long before.
	Full bool
}

// NextTurn says what the turn is where the host is free at the time, and others have
// so many of its places, the first until the time given.
func NextTurn(claim Claim, free time.Time, others int, until time.Time) Turn {
	turn := Turn{At: claim.Now}
	if free.After(turn.At) {
		turn.At = free
	}
	turn.Full = claim.Places > 0 && others >= claim.Places && !turn.At.After(claim.Latest)
	if turn.Full && until.After(turn.At) {
		turn.At = until
	}
	turn.Taken = !turn.Full && !turn.At.After(claim.Latest)
	return turn
}

// A Query asks for articles of one channel.
type Query struct {
	Key string // of the channel, as in article.Article.Channels
	// Only articles first seen at or after SeenSince and before SeenBefore; zero
	// for no bound.
	SeenSince, SeenBefore time.Time
	Limit                 int // at least 1
}

// Windowed reports whether the query asks for articles by when they were seen.
func (q Query) Windowed() bool { return !q.SeenSince.IsZero() || !q.SeenBefore.IsZero() }

// An Arrival is an article's place in the order in which articles were first seen.
type Arrival struct {
	Seen time.Time
	ID   string // tells those apart that were seen at one time
}

// Compare is negative when a comes before b.
func (a Arrival) Compare(b Arrival) int {
	return cmp.Or(a.Seen.Compare(b.Seen), cmp.Compare(a.ID, b.ID))
}

// A Ping is what a hub knows of a topic, the address of a feed, or is to be told.
// One without a topic is about the hub itself.
type Ping struct {
	Hub, Topic string    // URLs
	Hash       string    // of the topic's bytes
	Due        time.Time // when the hub is told of them; zero once it was
	Attempts   int       // to tell it, so far in vain
}
