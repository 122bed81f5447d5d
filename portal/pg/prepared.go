package pg

import (
	"context"
	"database/sql/driver"

	"github.com/lib/pq"
)

// prepared makes connections that keep the statements they have run, by their text. The
// server parses and plans each once a connection instead of each time: measured, planning
// was the larger half of what a filing cost it. Behind a pooler that hands a connection to
// another client after each transaction this cannot work; README says so.
type prepared struct{ driver.Connector }

// heldMost bounds what a connection keeps. The program has about half as many statements;
// texts made by hand in a loop would push others out, not grow without end.
const heldMost = 500

func (p prepared) Connect(ctx context.Context) (driver.Conn, error) {
	c, err := p.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &conn{pqConn: c.(pqConn), held: map[string]statement{}}, nil
}

// pqConn is what the driver's connection can do; all of it goes on to work.
type pqConn interface {
	driver.Conn
	driver.QueryerContext
	driver.ExecerContext
	driver.ConnPrepareContext
	driver.ConnBeginTx
	driver.Pinger
	driver.SessionResetter
	driver.Validator
	driver.NamedValueChecker
}

type statement interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

type conn struct {
	pqConn
	held map[string]statement
}

// statement is the prepared form of a query. One without arguments is not worth keeping:
// it may be several statements at once.
func (c *conn) statement(ctx context.Context, query string) (statement, error) {
	if s, ok := c.held[query]; ok {
		return s, nil
	}
	if len(c.held) >= heldMost {
		for text := range c.held {
			c.drop(text)
			break
		}
	}
	s, err := c.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	c.held[query] = s.(statement)
	return c.held[query], nil
}

func (c *conn) drop(query string) {
	_ = c.held[query].Close() // the server forgets it with the connection at the latest
	delete(c.held, query)
}

func (c *conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if len(args) == 0 {
		return c.pqConn.QueryContext(ctx, query, args)
	}
	s, err := c.statement(ctx, query)
	if err != nil {
		return nil, err
	}
	rows, err := s.QueryContext(ctx, args)
	c.look(query, err)
	return rows, err
}

func (c *conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if len(args) == 0 {
		return c.pqConn.ExecContext(ctx, query, args)
	}
	s, err := c.statement(ctx, query)
	if err != nil {
		return nil, err
	}
	result, err := s.ExecContext(ctx, args)
	c.look(query, err)
	return result, err
}

// look drops a statement that the schema has outgrown (0A000: its result has another type
// since a migration) or that the server does not know (26000). The caller fails this once.
func (c *conn) look(query string, err error) {
	if e := pq.As(err); e != nil && (e.Code == "0A000" || e.Code == "26000") {
		c.drop(query)
	}
}
