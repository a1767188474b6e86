package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"
)

// runner is a database or a transaction.
type runner interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// plainRunner passes on only text that every database takes, so that nothing
// that somebody typed can break a statement. What is written and what is looked
// for change alike.
type plainRunner struct{ on runner }

func (p plainRunner) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return p.on.ExecContext(ctx, query, plainArgs(args)...)
}

func (p plainRunner) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return p.on.QueryContext(ctx, query, plainArgs(args)...)
}

func (p plainRunner) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	return p.on.QueryRowContext(ctx, query, plainArgs(args)...)
}

// plainArgs makes text plain, also that of our own string types.
func plainArgs(args []any) []any {
	list := make([]any, 0, len(args))
	for _, a := range args {
		if v := reflect.ValueOf(a); v.Kind() == reflect.String {
			a = plain(v.String())
		}
		list = append(list, a)
	}
	return list
}

// plain replaces what PostgreSQL refuses in text: NUL and broken UTF-8.
func plain(text string) string {
	const replacement = "\uFFFD"
	return strings.ReplaceAll(strings.ToValidUTF8(text, replacement), "\x00", replacement)
}

// micros is a time as it is stored: microseconds since 1970, 0 for none.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func fromMicros(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.UnixMicro(n).UTC()
}

// one reads what, a document, from a query for at most one row.
func one[T any](ctx context.Context, on runner, what, query string, args ...any) (T, bool, error) {
	var text string
	var value T
	err := on.QueryRowContext(ctx, query, args...).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return value, false, nil
	}
	if err == nil {
		err = json.Unmarshal([]byte(text), &value)
	}
	if err != nil {
		return value, false, fmt.Errorf("read %s: %w", what, err)
	}
	return value, true, nil
}

// many reads what, in rows, with a function that scans one.
func many[T any](ctx context.Context, on runner, what string, scan func(*sql.Rows) (T, error), query string, args ...any) ([]T, error) {
	rows, err := on.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", what, err)
	}
	defer func() { _ = rows.Close() }() // Its error is that of rows.Err.
	var list []T
	for rows.Next() {
		value, err := scan(rows)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", what, err)
		}
		list = append(list, value)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read %s: %w", what, err)
	}
	return list, nil
}

// document scans a row that is one document.
func document[T any](rows *sql.Rows) (T, error) {
	var text string
	var value T
	if err := rows.Scan(&text); err != nil {
		return value, err
	}
	return value, json.Unmarshal([]byte(text), &value)
}

// text scans a row that is one text.
func text(rows *sql.Rows) (value string, err error) { return value, rows.Scan(&value) }

func encode(value any) (string, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return "", fmt.Errorf("encode a document: %w", err)
	}
	return string(text), nil
}
