package store_test

import (
	"database/sql"
	"strings"
	"sync"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"
)

// others are the connections with which tests look at a store's database from
// outside.
var others sync.Map

func outside(t *testing.T, url string) *sql.DB {
	t.Helper()
	if db, ok := others.Load(url); ok {
		return db.(*sql.DB)
	}
	driver, address := "sqlite", "file:"+url+"?_pragma=busy_timeout(5000)"
	if strings.HasPrefix(url, "postgres://") {
		driver, address = "pgx", url
	}
	db, err := sql.Open(driver, address)
	require.NoError(t, err)
	db.SetMaxOpenConns(1)
	others.Store(url, db)
	t.Cleanup(func() {
		others.Delete(url)
		require.NoError(t, db.Close())
	})
	return db
}

// query gives the rows of a query for one text.
func query(t *testing.T, url, text string) []string {
	t.Helper()
	rows, err := outside(t, url).QueryContext(t.Context(), text)
	require.NoError(t, err)
	defer rows.Close()
	list := []string{}
	for rows.Next() {
		var line string
		require.NoError(t, rows.Scan(&line))
		list = append(list, line)
	}
	require.NoError(t, rows.Err())
	return list
}

func exec(t *testing.T, url, text string) {
	t.Helper()
	_, err := outside(t, url).ExecContext(t.Context(), text)
	require.NoError(t, err)
}
