package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"html"
	"image"
	"image/png"
	"io"
	mathrand "math/rand/v2"
	"net/http"
	"net/url"
	"strings"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"motcua/portal"
	"motcua/portal/draft"
	"motcua/portal/once"
)

// procedure is what is filed: a copy of a civil-status record, asked for on behalf of
// somebody, so that two papers are attached; the result comes by post.
const procedure = "2.000635"

// ready is a draft that lacks only the last press.
type ready struct {
	id string
	by *applicant
}

// prepare signs people in by the pages and makes n complete drafts of theirs by the
// services behind the pages, spread over the agencies. They come back shuffled.
func (h *house) prepare(ctx context.Context, p *portal.Portal, first, n, agencies int) ([]ready, error) {
	people := (n + draft.MaxOpen - 1) / draft.MaxOpen
	if people > crowd/2 {
		return nil, fmt.Errorf("%d filings are more than %d people can have open", n, crowd)
	}
	codes, err := h.receivers(ctx, p, agencies)
	if err != nil {
		return nil, err
	}
	all := make([]ready, n)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(8)
	for i := range people {
		group.Go(func() error {
			mine := all[i*draft.MaxOpen : min(n, (i+1)*draft.MaxOpen)]
			return h.fill(ctx, p, first+i, mine, codes)
		})
	}
	if err := group.Wait(); err != nil {
		return nil, fmt.Errorf("prepare drafts: %w", err)
	}
	mathrand.New(mathrand.NewPCG(1, 2)).Shuffle(n, func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all, nil
}

// receivers are codes of agencies that take the procedure.
func (h *house) receivers(ctx context.Context, p *portal.Portal, n int) ([]string, error) {
	rev, err := p.Catalogue.InForce(ctx, procedure)
	if err != nil {
		return nil, err
	}
	all, err := p.Agency.All(ctx, p.Drafts.Now())
	if err != nil {
		return nil, err
	}
	var codes []string
	for _, a := range all {
		if rev.Sheet.TakenBy(a) && len(codes) < n {
			codes = append(codes, a.Code)
		}
	}
	if len(codes) < n {
		return nil, fmt.Errorf("only %d agencies take %s", len(codes), procedure)
	}
	return codes, nil
}

// fill signs a person in, completes one draft of theirs and copies it: what differs is id
// and agency.
func (h *house) fill(ctx context.Context, p *portal.Portal, person int, mine []ready, codes []string) error {
	token, err := h.signIn(person)
	if err != nil {
		return err
	}
	session, err := p.Signin.Session(ctx, token)
	if err != nil {
		return err
	}
	by := &applicant{Person: session.Person, session: token}
	ids, to := make([]string, len(mine)), make([]string, len(mine))
	for i := range mine {
		ids[i], to[i] = uuid.NewString(), codes[(person+i)%len(codes)]
		mine[i] = ready{id: ids[i], by: by}
	}
	if ids[0], err = complete(ctx, p, by, to[0]); err != nil {
		return err
	}
	mine[0].id = ids[0]
	if by.token, err = h.formToken(by, ids[0]); err != nil {
		return err
	}
	return h.copyDraft(ctx, ids[0], ids[1:], to[1:])
}

// copyDraft makes drafts with files out of one, to the agencies named. The bytes of the
// files are shared.
func (h *house) copyDraft(ctx context.Context, from string, ids, agencies []string) error {
	_, err := h.super.ExecContext(ctx, `WITH made AS (SELECT * FROM unnest($2::uuid[], $3::text[]) AS m (new, agency)),
		d AS (INSERT INTO drafts (id, person_id, tax_code, procedure_code, revision_id, answers, facts, sources, page, version, made_at, saved_at, lapses_at)
			SELECT new, person_id, tax_code, procedure_code, revision_id, jsonb_set(answers, '{agency}', to_jsonb(agency)), facts, sources, page,
				version, made_at, saved_at, lapses_at FROM drafts, made WHERE id = $1)
		INSERT INTO draft_files (id, draft_id, round, component, position, name, media, size, pages, sha256, blob, at)
		SELECT gen_random_uuid(), new, round, component, position, name, media, size, pages, sha256, blob, at
		FROM draft_files, made WHERE draft_id = $1 AND removed_at IS NULL`, from, array(ids), array(agencies))
	if err != nil {
		return fmt.Errorf("copy draft %s: %w", from, err)
	}
	return nil
}

// array is a list as PostgreSQL reads it; nothing in it needs quoting.
func array(list []string) string { return "{" + strings.Join(list, ",") + "}" }

// complete fills a draft page by page and attaches two papers.
func complete(ctx context.Context, p *portal.Portal, by *applicant, agency string) (string, error) {
	id, err := p.Drafts.Start(ctx, by.Person, procedure, "", by.key())
	if err != nil {
		return "", err
	}
	rev, err := p.Catalogue.InForce(ctx, procedure)
	if err != nil {
		return "", err
	}
	for i, page := range rev.Form.Pages {
		body, asked := answers(agency)[page.ID]
		if !asked {
			continue
		}
		saved, err := p.Drafts.Save(ctx, by.Person, id, i+1, body, by.key())
		if err != nil {
			return "", err
		}
		if len(saved.Faults) > 0 {
			return "", fmt.Errorf("page %s: %s at %s", page.ID, saved.Faults[0].Message.Key, saved.Faults[0].Field)
		}
	}
	papers := []draft.Upload{
		{Component: "van_ban_uy_quyen", Name: "Văn bản ủy quyền có chứng thực.pdf", Body: pdf()},
		{Component: "giay_to_lien_quan", Name: "Bản chụp giấy khai sinh cũ.png", Body: picture()}}
	for _, paper := range papers {
		if _, err := p.Drafts.Attach(ctx, by.Person, id, paper, by.key()); err != nil {
			return "", err
		}
	}
	return id, nil
}

func (a *applicant) key() once.Key {
	return once.Key{Person: fmt.Sprintf("person:%d", a.ID), Key: uuid.NewString(), Route: "bench"}
}

// answers are what is sent of each page that is shown.
func answers(agency string) map[string]url.Values {
	return map[string]url.Values{
		"who": {"for_whom": {"authorised"}},
		"authorisation": {"authoriser_name": {"Trần Thị Ngọc Ánh"}, "authoriser_id": {"089163000777"},
			"authorisation_date": {"02/01/2026"}},
		"requester": {"contact_phone": {"0912 345 678"}},
		"event":     {"event_kind": {"birth_certificate"}, "copies": {"3"}},
		"register": {"person_name": {"Trần Thị Ngọc Ánh"}, "person_birth_date.day": {"5"}, "person_birth_date.month": {"6"}, "person_birth_date.year": {"1963"},
			"person_id": {"089163000777"}, "register_number": {"125/1963"}, "register_date.year": {"1963"},
			"register_agency": {"Ủy ban nhân dân xã Mỹ Luông, huyện Chợ Mới, tỉnh Long Xuyên (cũ)"}},
		"agency_page": {"agency": {agency}},
		"return":      {"return_by": {"post"}},
		"return_address_page": {"return_name": {"Nguyễn Thị Hồng Mai"}, "return_phone": {"0912 345 678"}, "return_province": {"91"},
			"return_commune": {"30307"}, "return_address": {"Số 12 đường Trần Hưng Đạo, khóm 3"}},
	}
}

// pdf is a small scan: what lies in it is never read while filing.
func pdf() io.Reader {
	noise := make([]byte, 4<<10)
	rand.Read(noise) // never fails
	return bytes.NewReader(fmt.Appendf(nil, "%%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"+
		"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R>>endobj\n4 0 obj<</Length %d>>stream\n%s\nendstream endobj\n"+
		"trailer<</Root 1 0 R>>\n%%%%EOF\n", 2*len(noise), hex.EncodeToString(noise)))
}

func picture() io.Reader {
	img := image.NewGray(image.Rect(0, 0, 64, 64))
	rand.Read(img.Pix)
	var b bytes.Buffer
	_ = png.Encode(&b, img) // into memory
	return &b
}

// formToken opens the check page of a draft: it must show no fault, and its token serves
// all the person's forms of this session.
func (h *house) formToken(by *applicant, id string) (string, error) {
	req, err := http.NewRequest(http.MethodGet, h.env["PUBLIC_URL"]+"/ho-so/"+id+"/kiem-tra", nil)
	if err != nil {
		return "", err
	}
	req.Header.Set("Cookie", "motcua_session="+by.session)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	page, err := io.ReadAll(res.Body)
	if err != nil {
		return "", err
	}
	found := csrf.FindSubmatch(page)
	if res.StatusCode != http.StatusOK || found == nil {
		return "", errors.New("check page: " + res.Status)
	}
	return html.UnescapeString(string(found[1])), nil
}
