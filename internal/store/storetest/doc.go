// Package storetest is the one suite that every store.Store passes. Each sentence
// of the contract is a subtest of its name. A backend's test calls Run and says
// where its data lives; nothing here knows a database.
//
// The data is small (hundreds of documents), because stand-ins for a database
// server read a whole collection for most queries.
package storetest
