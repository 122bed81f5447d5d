package eforms_test

import (
	"fmt"
	"net/url"
	"testing"

	"motcua/eforms"
	"motcua/locales"
)

// BenchmarkSearch is a page with a search of all communes: what one look-up costs while one
// types, and a page of searches that found nothing yet.
func BenchmarkSearch(b *testing.B) {
	var communes []eforms.Option
	for i := range 3321 {
		communes = append(communes, eforms.Option{Value: fmt.Sprint(10000 + i), Label: locales.V(fmt.Sprintf("xã Tân Lập Đông %d", i))})
	}
	f := asking(b, `{"id":"g","kind":"group","label":"G","item":"I","max_rows":200,"questions":[{"id":"q","kind":"search_select","label":"Q","list":"communes"}]}`)
	for _, rows := range []int{1, 10, 100} {
		sent := url.Values{}
		for i := range rows {
			sent.Set(fmt.Sprintf("g.%d.q.text", i), "tan lap")
		}
		b.Run(fmt.Sprintf("%drows", rows), func(b *testing.B) {
			for b.Loop() {
				r := &eforms.Run{Form: f, Lists: map[string][]eforms.Option{"communes": communes}, Today: today}
				answers, faults, _ := r.Read(1, sent)
				r.With(answers).Model(1, faults)
			}
		})
	}
}

// BenchmarkTable is a page with a table of 400 cells, filled.
func BenchmarkTable(b *testing.B) {
	lines, sent := "", url.Values{}
	for i := range 50 {
		lines += fmt.Sprintf(`,{"id":"r%d","label":"R"}`, i)
		for c := range 8 {
			sent.Set(fmt.Sprintf("q.r%d.c%d", i, c), "1.000")
		}
	}
	columns := ""
	for c := range 8 {
		columns += fmt.Sprintf(`,{"id":"c%d","kind":"money","label":"C"}`, c)
	}
	f := asking(b, `{"id":"q","kind":"table","label":"Q","columns":[`+columns[1:]+`],"lines":[`+lines[1:]+`],"totals":["c1"]}`)
	for b.Loop() {
		answers, faults, _ := running(f, nil).Read(1, sent)
		r := running(f, answers)
		r.Model(1, faults)
		r.Outline()
	}
}
