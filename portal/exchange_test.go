package portal

import (
	"motcua/portal/catalogue"
	"motcua/portal/queue"
)

// lists are two files of national records: one that was read, and one that is kept.
func (h *house) lists(maker *browser) (read, kept string) {
	h.t.Helper()
	by := func() catalogue.Editing {
		return catalogue.Editing{Officer: maker.officer(), Key: keyOf(maker.session().Person)}
	}
	var ids []string
	for _, file := range []string{"MaTTHC,TENTTHC\n9.999999,Khác\nabc,Sai\n", "MaTTHC,TENTTHC\n" + birth + ",Khai sinh cho con\n9.999997,Mới\n"} {
		id, err := h.National.Start(h.t.Context(), by(), "ds.csv", []byte(file))
		h.must(err)
		h.must(h.National.Handlers()["national.read"](h.t.Context(), queue.Job{Subject: id}))
		ids = append(ids, id)
	}
	h.must(h.National.Keep(h.t.Context(), by(), ids[1], true))
	return ids[0], ids[1]
}
