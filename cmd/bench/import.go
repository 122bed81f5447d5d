package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"motcua/portal/agency"
	"motcua/portal/catalogue"
	"motcua/portal/editorial"
	"motcua/portal/national"
	"motcua/portal/once"
	"motcua/portal/pg"
	"motcua/portal/pg/embedded"
	"motcua/portal/queue"
	"motcua/portal/review"
)

// imported measures the way of a whole national list: read by the worker, kept, compared,
// taken over, reviewed by a second person, published. The file is a workbook, the slowest
// of the formats, with every field of a sheet in full.
func imported(ctx context.Context, o options, n int) (err error) {
	fmt.Fprintln(o.Out, "building and starting …")
	h, err := open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.close()) }()
	if err := h.stopProgram(); err != nil {
		return err
	}
	db, err := pg.Open(ctx, h.server.DSN(embedded.App, database))
	if err != nil {
		return err
	}
	defer db.Close()
	c := &catalogue.Service{DB: db, Now: time.Now}
	a := &agency.Service{DB: db, Now: time.Now}
	e := &editorial.Service{DB: db, Catalogue: c, Agency: a, Now: time.Now}
	s := &national.Service{DB: db, Catalogue: c, Editorial: e, Agency: a, Now: time.Now}
	file, err := listOf(ctx, c, n)
	if err != nil {
		return err
	}
	one, two := agency.Officer{Roles: []agency.Role{{Role: agency.Editor}}}, agency.Officer{Roles: []agency.Role{{Role: agency.Editor}}}
	for i, into := range []*int64{&one.ID, &two.ID} {
		if err := h.super.GetContext(ctx, into, `INSERT INTO officers (id_hash, name) VALUES ($1, 'Biên tập') RETURNING id`, []byte{1, byte(i)}); err != nil {
			return err
		}
	}
	by := func(o agency.Officer) catalogue.Editing {
		return catalogue.Editing{Officer: o, Key: once.Key{Person: fmt.Sprint(o.ID), Key: uuid.NewString(), Route: "bench", Body: sha256.Sum256(nil)}}
	}
	fmt.Fprintf(o.Out, "%d procedures, %d MB of XLSX\n", n, len(file)>>20)
	begin, clocks := time.Now(), h.spent()
	last, before := begin, clocks
	fmt.Fprintf(o.Out, "%-34s %8s  %s\n", "", "passed", "worked: the portal's part, PostgreSQL")
	lap := func(what string) {
		used := h.spent().less(before)
		fmt.Fprintf(o.Out, "%-34s %6.1f s  %6.1f s %6.1f s\n", what, time.Since(last).Seconds(), used.Client.Seconds(), used.Postgres.Seconds())
		last, before = time.Now(), h.spent()
	}
	id, err := s.Start(ctx, by(one), "ds.xlsx", file)
	if err != nil {
		return err
	}
	lap("taken in")
	if err := s.Handlers()["national.read"](ctx, queue.Job{Subject: id}); err != nil {
		return err
	}
	lap("read, stored and compared")
	if err := s.Keep(ctx, by(one), id, true); err != nil {
		return err
	}
	taken, err := s.Take(ctx, by(one), id, national.Chosen{All: true})
	if err != nil {
		return err
	}
	lap("kept, taken over as drafts")
	b, err := e.Batch(ctx, one, taken.Batch)
	if err != nil {
		return err
	}
	of := review.Subject{Kind: review.Batch, ID: b.ID}
	err = pg.InTx(ctx, db, func(tx *sqlx.Tx) error {
		return review.Send(ctx, tx, one, review.Sending{Subject: of, Version: b.Version, Title: b.Title, Link: "/", Authors: []int64{one.ID}}, time.Now())
	})
	if err == nil {
		err = pg.InTx(ctx, db, func(tx *sqlx.Tx) error { return review.Decide(ctx, tx, two, of, b.Version, true, "", time.Now()) })
	}
	if err != nil {
		return err
	}
	published, err := e.PublishBatch(ctx, by(two), b.ID, editorial.Publishing{Version: b.Version, Note: "bench", Rest: true})
	if err != nil {
		return err
	}
	lap("reviewed, checked, published")
	last, before = begin, clocks
	lap("the whole way")
	fmt.Fprintf(o.Out, "%d of %d published\n", published, n)
	if published != n {
		return fmt.Errorf("%d of %d were refused", n-published, n)
	}
	return nil
}

// listOf is a list of made-up procedures, each with all that a shipped sheet says.
func listOf(ctx context.Context, c *catalogue.Service, n int) ([]byte, error) {
	rev, err := c.InForce(ctx, "1.001193")
	if err != nil {
		return nil, err
	}
	sheet := rev.Sheet
	sheet.Level = 2
	sheets := make([]catalogue.Sheet, n)
	for i := range sheets {
		sheets[i] = sheet
		sheets[i].Code, sheets[i].Name.VI = fmt.Sprintf("8.%06d", i), fmt.Sprintf("%s %d", sheet.Name.VI, i)
	}
	var file bytes.Buffer
	err = national.Write(&file, "xlsx", sheets, national.Lists{Fields: []catalogue.Field{rev.Field}})
	return file.Bytes(), err
}
