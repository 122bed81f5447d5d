package vault

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/portal/dossier"
	"motcua/portal/pg"
)

// part is a filed file, in the order of its paper.
type part struct {
	ID        string    `db:"id"`
	Filing    int       `db:"filing"`
	Component string    `db:"component"`
	Name      string    `db:"name"`
	Media     string    `db:"media"`
	Size      int64     `db:"size"`
	Pages     int       `db:"pages"`
	SHA256    []byte    `db:"sha256"`
	Blob      string    `db:"blob"`
	VaultID   string    `db:"vault_id"`
	At        time.Time `db:"at"`
}

// kept is a paper on its way into the vault.
type kept struct {
	question string // of the form; none of a result
	filing   int
	source   string // component of the attachments; id of the result
	number   string
	parts    []part
}

// reused says whether all of it is one paper that lies here already.
func (k kept) reused() bool {
	first := k.parts[0].VaultID
	return first != "" && !slices.ContainsFunc(k.parts, func(p part) bool { return p.VaultID != first })
}

// hash is that of its one file; of several, of their hashes in order.
func (k kept) hash() []byte {
	if len(k.parts) == 1 {
		return k.parts[0].SHA256
	}
	h := sha256.New()
	for _, p := range k.parts {
		h.Write(p.SHA256)
	}
	return h.Sum(nil)
}

func (k kept) pages() int {
	n := 0
	for _, p := range k.parts {
		n += p.Pages
	}
	return n
}

// attached are the papers of a dossier: of each the files filed last. What answers an item of
// a supplement request is the paper that the item names.
func attached(ctx context.Context, tx *sqlx.Tx, dossierID string) ([]kept, error) {
	var parts []part
	err := tx.SelectContext(ctx, &parts, `SELECT id, filing, component, name, media, size, pages, sha256, blob, coalesce(vault_id::text, '') AS vault_id, at
		FROM attachments WHERE dossier_id = $1 ORDER BY filing, component, position, id`, dossierID)
	if err != nil {
		return nil, fmt.Errorf("attachments of %s: %w", dossierID, err)
	}
	var asked []struct {
		No    int                       `db:"no"`
		Items pg.JSONOf[[]dossier.Item] `db:"items"`
	}
	if err := tx.SelectContext(ctx, &asked, `SELECT no, items FROM supplements WHERE dossier_id = $1`, dossierID); err != nil {
		return nil, fmt.Errorf("supplements of %s: %w", dossierID, err)
	}
	items := map[int][]dossier.Item{}
	for _, a := range asked {
		items[a.No] = a.Items.V
	}
	var order []string
	last := map[string]kept{}
	for _, p := range parts {
		question := p.Component
		if p.Filing > 1 {
			question = Named(items[p.Filing-1], p.Component)
		}
		k, met := last[question]
		if !met {
			order = append(order, question)
		}
		if k.filing != p.Filing || k.source != p.Component {
			k = kept{question: question, filing: p.Filing, source: p.Component}
		}
		k.parts = append(k.parts, p)
		last[question] = k
	}
	all := make([]kept, len(order))
	for i, question := range order {
		all[i] = last[question]
	}
	return all, nil
}

// Named is the component that the item of a request is about, by the name of its files.
func Named(items []dossier.Item, component string) string {
	no, err := strconv.Atoi(component[strings.LastIndex(component, "-")+1:])
	if err != nil || no < 1 || no > len(items) || dossier.ItemComponent(no-1) != component {
		return ""
	}
	return items[no-1].Component
}
