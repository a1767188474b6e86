// Package store owns what pagesbot remembers and the engine that works it off:
// SQLite in a file by default, PostgreSQL for replicas, and River's client on
// either. It refuses to know what any of it means: when something is to be
// said or looked at is decided by those who write it here.
//
// The SQL is written once. Both drivers give *sql.Tx, both take $1, and the
// few places where the two differ ask the [Dialect].
//
// SQLite has a single connection. Inside [Store.Update] read through the
// transaction that it hands over: a read through the store would wait for the
// connection that the transaction holds.
package store
