package storage

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"io"
)

// eachRow reads a query of many rows past database/sql, which takes as long again to convert each column as SQLite takes to
// find it. What take is handed holds until it returns.
func eachRow(ctx context.Context, conn *sql.Conn, query string, args []any, take func(row []driver.Value) error) error {
	return conn.Raw(func(raw any) (err error) {
		asks, ok := raw.(driver.QueryerContext)
		if !ok {
			return fmt.Errorf("%T takes no queries", raw)
		}
		named := make([]driver.NamedValue, len(args))
		for i, arg := range args {
			named[i] = driver.NamedValue{Ordinal: i + 1, Value: arg}
		}
		rows, err := asks.QueryContext(ctx, query, named)
		if err != nil {
			return err
		}
		defer rows.Close()
		row := make([]driver.Value, len(rows.Columns()))
		for {
			switch err := rows.Next(row); err {
			case nil:
			case io.EOF:
				return nil
			default:
				return err
			}
			if err := take(row); err != nil {
				return err
			}
		}
	})
}
