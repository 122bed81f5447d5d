package registry

import (
	"context"
	"fmt"
)

// CivilClient asks the register of civil status (hộ tịch): births, marriages, guardians.
// The shapes are our own, as no message of the register is public: an official one changes
// this file and nothing else.
type CivilClient struct {
	XRoad
	Service string // INSTANCE/CLASS/MEMBER/SUBSYSTEM/SERVICE
}

// Births are the entries that name a person as mother or father. None is ErrNotFound.
func (c *CivilClient) Births(ctx context.Context, r Request, parent string) ([]Birth, error) {
	return inCivil(answered(ctx, c.XRoad, r, c.Service, "/khai-sinh", parent, readBirths))
}

// Marriage is the entry of a marriage that is in force. Nobody's is ErrNotFound.
func (c *CivilClient) Marriage(ctx context.Context, r Request, number string) (Marriage, error) {
	return inCivil(answered(ctx, c.XRoad, r, c.Service, "/ket-hon", number, readMarriage))
}

// Guardianships are the entries in force that name a person as guardian. None is ErrNotFound.
func (c *CivilClient) Guardianships(ctx context.Context, r Request, guardian string) ([]Guardianship, error) {
	return inCivil(answered(ctx, c.XRoad, r, c.Service, "/giam-ho", guardian, readGuardianships))
}

func inCivil[T any](found T, err error) (T, error) {
	if err != nil {
		err = fmt.Errorf("civil status: %w", err)
	}
	return found, err
}

func readBirths(root *node, parent string) ([]Birth, error) {
	all, err := entries(root, "khaiSinh")
	if err != nil {
		return nil, err
	}
	births := make([]Birth, len(all))
	for i, n := range all {
		b := Birth{Child: child(n.at("con")), Number: n.at("so").words(), RegisteredOn: n.at("ngayDangKy").day(), Place: n.at("noiDangKy").words()}
		b.MotherName, b.MotherNumber = party(n.at("me"))
		b.FatherName, b.FatherNumber = party(n.at("cha"))
		if b.MotherNumber != parent && b.FatherNumber != parent || b.Child.Name == "" {
			return nil, fmt.Errorf("%w: a birth of other people", ErrRefused)
		}
		births[i] = b
	}
	return births, nil
}

func readMarriage(root *node, number string) (Marriage, error) {
	all, err := entries(root, "ketHon")
	if err != nil {
		return Marriage{}, err
	}
	if len(all) > 1 {
		return Marriage{}, fmt.Errorf("%w: two marriages in force", ErrRefused)
	}
	n := all[0]
	m := Marriage{Number: n.at("so").words(), RegisteredOn: n.at("ngayDangKy").day(), Place: n.at("noiDangKy").words()}
	husband, his := party(n.at("chong"))
	wife, hers := party(n.at("vo"))
	switch {
	case his == hers, number != his && number != hers:
		return Marriage{}, fmt.Errorf("%w: a marriage of other people", ErrRefused)
	case number == his:
		m.SpouseName, m.SpouseNumber = wife, hers
	default:
		m.SpouseName, m.SpouseNumber = husband, his
	}
	return m, nil
}

func readGuardianships(root *node, guardian string) ([]Guardianship, error) {
	all, err := entries(root, "giamHo")
	if err != nil {
		return nil, err
	}
	some := make([]Guardianship, len(all))
	for i, n := range all {
		g := Guardianship{Ward: child(n.at("nguoiDuocGiamHo")), Number: n.at("so").words(), RegisteredOn: n.at("ngayDangKy").day(), Place: n.at("noiDangKy").words()}
		if _, number := party(n.at("nguoiGiamHo")); number != guardian || g.Ward.Name == "" {
			return nil, fmt.Errorf("%w: a guardianship of other people", ErrRefused)
		}
		some[i] = g
	}
	return some, nil
}

func child(n *node) Child {
	name, number := party(n)
	return Child{Name: name, IDNumber: number, BirthDate: n.at("ngaySinh").day(), Sex: sexes[n.at("gioiTinh").text]}
}

// party is somebody whom an entry names.
func party(n *node) (name, number string) {
	return n.at("hoTen").words(), n.at("soDinhDanh").person()
}
