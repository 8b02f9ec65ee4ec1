// Package sqlite keeps Bantin's memory in one SQLite file: embedded, pure Go,
// nothing to install. It implements store.Store for one daemon on one machine.
//
// One goroutine writes. It takes all writes that wait, applies them in one
// transaction and answers each caller after the COMMIT, which has synced the
// file. So one fsync serves many refreshes, no two writers ever wait for a lock
// in turn, and what a caller was told is durable is durable. Readers have
// connections of their own and see the last COMMIT (journal mode WAL).
//
// What a query asks for has a column; the rest of an article is one compressed
// value, because most of what writing costs is the number of bytes and of columns.
// The membership of channels is an ordered table, so a channel's page is
// a range of it and costs the same whatever the size of the archive.
//
// What always holds: an article, its membership, the number of articles of its
// source and the state of its source change in the same transaction.
package sqlite
