package citizen

import (
	"motcua/portal/applicant"
	"motcua/portal/dossier"
)

// heap is what belongs to one owner in the list of a person: to themself, or to a business.
type heap struct {
	applicant.Business // empty: the person's own, and those of whom they file for
	Drafts             []draftLine
	Dossiers           []mineLine
}

// mineLine is a dossier in the list, with what the person may do with it.
type mineLine struct {
	dossier.Dossier
	MayFile, MayPay bool
}

// Own says whether the heap is the person's.
func (h heap) Own() bool { return h.TaxCode == "" }

// heaps sorts drafts and dossiers by their owners. The person's own is first and always
// there, unless they act for a business.
func heaps(firms []applicant.Business, acting applicant.Business, drafts []draftLine, filed []dossier.Dossier, who dossier.Actor) []heap {
	all := []heap{{}}
	if acting.TaxCode != "" {
		all = []heap{{Business: acting}}
	} else {
		for _, b := range firms {
			all = append(all, heap{Business: b})
		}
	}
	at := map[string]int{}
	for i, h := range all {
		at[h.TaxCode] = i
	}
	for _, d := range drafts {
		if i, there := at[d.TaxCode]; there {
			all[i].Drafts = append(all[i].Drafts, d)
		}
	}
	for _, d := range filed {
		if i, there := at[d.TaxCode]; there {
			all[i].Dossiers = append(all[i].Dossiers, mineLine{d, dossier.May(who, dossier.Supply, d), dossier.May(who, dossier.PayFee, d)})
		}
	}
	kept := all[:1]
	for _, h := range all[1:] {
		if len(h.Drafts)+len(h.Dossiers) > 0 {
			kept = append(kept, h)
		}
	}
	return kept
}

// actingFor is the business that was chosen, if the person still stands for it.
func actingFor(firms []applicant.Business, taxCode string) applicant.Business {
	for _, b := range firms {
		if b.TaxCode == taxCode {
			return b
		}
	}
	return applicant.Business{}
}
