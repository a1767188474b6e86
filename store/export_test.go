package store

import "database/sql"

// Archive is the connection, for a test that tries what it should refuse.
func (a *Archive) Archive() *sql.DB { return a.db }
