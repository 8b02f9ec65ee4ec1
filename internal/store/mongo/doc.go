// Package mongo keeps Bantin's memory in MongoDB 6 or newer, for any number of
// daemons on any number of machines. It implements store.Store; docs/article.md
// says what the documents look like.
//
// It uses standard commands only, no transactions and no change streams, so that
// every server of the protocol will do. What must be right rests on three things
// that MongoDB promises: a unique index holds, a change of one document is atomic,
// and a write that a majority has in its journal is durable.
//
//   - An article is inserted under its id, and its twin is unique within its
//     source. Who comes second gets a duplicate key, reads again, and finds the
//     article that is known.
//   - An article is replaced only in the revision that was read, so a change in
//     between is seen and nothing of it is lost.
//   - Commit writes the articles first and then the state of their source. A crash
//     in between means fetching again.
//
// What has no such order is repaired: a key that Activate had not quite forgotten
// is forgotten when the store is opened again. If a process dies between writing
// an article and moving the store's revision, other processes publish the article
// with the next change.
package mongo
