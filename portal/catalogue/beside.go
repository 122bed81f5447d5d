package catalogue

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jmoiron/sqlx"

	"motcua/locales"
	"motcua/portal/pg"
)

// beside are the names of places and bodies, today's and those of before, that people put
// beside what they look for: "kết hôn huyện …", "sở … đổi bằng lái".
type beside struct {
	Units  []string
	Bodies []body
}

// body is an agency that is or was, with those that do its work today.
type body struct {
	Code  string                  `db:"code"`
	Level string                  `db:"level"`
	Name  pg.JSONOf[locales.Text] `db:"name"`
	Heirs pg.JSONOf[[]string]     `db:"heirs"`
}

func readBeside(ctx context.Context, db *sqlx.DB) (beside, error) {
	var b beside
	err := db.SelectContext(ctx, &b.Units, `SELECT name FROM units UNION SELECT old_name FROM unit_changes ORDER BY 1`)
	if err != nil {
		return b, fmt.Errorf("names of places: %w", err)
	}
	err = db.SelectContext(ctx, &b.Bodies, `
		SELECT a.code, a.level, a.name, coalesce((SELECT jsonb_agg(DISTINCT h.new_code) FROM agency_heirs h WHERE h.old_code = a.code), '[]') AS heirs
		FROM agencies a ORDER BY a.code, a.valid_from`)
	if err != nil {
		return b, fmt.Errorf("names of bodies: %w", err)
	}
	return b, nil
}

// aside is a name as words, with the codes of the bodies that it means; none: a place.
type aside struct {
	words []string
	codes []string
}

// leastBody is how many words the name of a body has at least, or "công an" would never
// be looked for.
const leastBody = 3

// asides are the names by their first word, the longest first.
func (b beside) asides() map[string][]aside {
	var units [][]string
	places := map[string]bool{}
	for _, name := range b.Units {
		u := bares(words(name))
		units = append(units, u)
		places[strings.Join(u, " ")] = true
	}
	names := make([][]string, len(b.Bodies))
	for i, a := range b.Bodies {
		names[i] = bares(words(a.Name.V.VI))
		for j := 1; j < len(names[i]); j++ { // "… tỉnh X" is left away
			if places[strings.Join(names[i][j:], " ")] {
				names[i] = names[i][:j]
			}
		}
	}
	units = append(units, b.seats(names)...)
	out := map[string][]aside{}
	put := func(words, codes []string) {
		if len(words) < 2 {
			return
		}
		list := out[words[0]]
		if i := slices.IndexFunc(list, func(a aside) bool { return slices.Equal(a.words, words) }); i >= 0 {
			list[i].codes = append(list[i].codes, codes...)
			return
		}
		out[words[0]] = append(list, aside{words, codes})
	}
	kind := kindOf(units)
	for _, u := range units {
		put(u, nil)
		put(u[kind(u):], nil)
	}
	for i, a := range b.Bodies {
		if len(names[i]) >= leastBody {
			put(names[i], append([]string{a.Code}, a.Heirs.V...))
		}
	}
	for _, list := range out {
		slices.SortStableFunc(list, func(a, b aside) int { return len(b.words) - len(a.words) })
	}
	return out
}

// seats are the places that bodies of one level are called after: what differs in their
// names.
func (b beside) seats(bodies [][]string) [][]string {
	levels := map[string][][]string{}
	for i, a := range b.Bodies {
		levels[a.Level] = append(levels[a.Level], bodies[i])
	}
	var all [][]string
	for _, names := range levels {
		same := len(names[0])
		for _, n := range names {
			same = min(same, len(n))
			for i := range same {
				if n[i] != names[0][i] {
					same = i
					break
				}
			}
		}
		if same < leastBody { // they have nothing in common, so it is not places they differ by
			continue
		}
		for _, n := range names {
			if len(n) > same {
				all = append(all, n[same:])
			}
		}
	}
	return all
}

// kindOf says how many words at the beginning of a unit's name say what it is: phường, xã,
// or two where the first is nearly always followed by the same (thành phố, đặc khu).
func kindOf(units [][]string) func(unit []string) int {
	follow, n := map[string]map[string]bool{}, map[string]int{}
	for _, u := range units {
		if len(u) < 2 {
			continue
		}
		if follow[u[0]] == nil {
			follow[u[0]] = map[string]bool{}
		}
		follow[u[0]][u[1]] = true
		n[u[0]]++
	}
	return func(u []string) int {
		if len(u) > 2 && len(follow[u[0]]) <= 2 && n[u[0]] >= 2*len(follow[u[0]]) {
			return 2
		}
		return min(1, len(u))
	}
}
