package registry

import (
	"fmt"
	"slices"
)

// The further operations of the population database. Their names are those of the
// database's schema; what they carry is published nowhere, so the shapes read here are our
// own and stand behind the same door: HoGiaDinh, TinhTrangHonNhan and NhanThan in the Body,
// with the number that was asked for in SoDinhDanh, so that an answer to another question is
// seen. An official message changes these readers and nothing else.
const (
	askHousehold = "CungCapThongTinHoGiaDinh"
	askMarital   = "XacMinhTinhTrangHonNhan"
	askKin       = "XacMinhThongTinNhanThan"
	askGuardian  = "XacMinhThongTinNguoiGiamHo"
)

// answer is the one element of that name in the Body, about the person who was asked about.
// An empty one says that nothing is known.
func answer(body *node, name, number string) (*node, error) {
	all := body.all(name)
	if len(all) != 1 {
		return nil, fmt.Errorf("%w: not one %s in it", ErrRefused, name)
	}
	n := all[0]
	if len(n.kids) == 0 && n.text == "" {
		return nil, ErrNotFound
	}
	if n.at("SoDinhDanh").text != number {
		return nil, fmt.Errorf("%w: another person's record", ErrRefused)
	}
	return n, nil
}

// householdIn reads who lives together. The person is among them, or it is another household.
func householdIn(body *node, number string) (Household, error) {
	n, err := answer(body, "HoGiaDinh", number)
	if err != nil {
		return Household{}, err
	}
	h := Household{
		Number: n.at("SoSoHoKhau").words(), Residence: address(n.at("ThuongTru")),
		Head: fullName(n.at("ChuHo", "HoVaTen")), HeadNumber: n.at("ChuHo", "SoDinhDanh").person(),
	}
	for _, m := range n.all("ThanhVien") {
		one := Member{Name: fullName(m.at("HoVaTen")), IDNumber: m.at("SoDinhDanh").person(), Relation: m.at("QuanHe").words()}
		if one.Name != "" {
			h.Members = append(h.Members, one)
		}
	}
	if !slices.ContainsFunc(h.Members, func(m Member) bool { return m.IDNumber == number }) {
		return Household{}, fmt.Errorf("%w: a household without the person", ErrRefused)
	}
	return h, nil
}

// maritalIn reads whether somebody is married.
func maritalIn(body *node, number string) (Marital, error) {
	n, err := answer(body, "TinhTrangHonNhan", number)
	if err != nil {
		return Marital{}, err
	}
	m := Marital{Status: maritals[n.at("TinhTrang").text], Since: n.at("TuNgay").day()}
	if m.Status == "" {
		return Marital{}, fmt.Errorf("%w: an unknown state", ErrRefused)
	}
	if m.Status == "married" {
		m.SpouseName, m.SpouseNumber = fullName(n.at("VoChong", "HoVaTen")), n.at("VoChong", "SoDinhDanh").person()
	}
	return m, nil
}

var relations = map[string]Relation{
	"CON": IsChild, "CHA": IsParent, "ME": IsParent, "VO": IsSpouse, "CHONG": IsSpouse,
	"NGUOI_GIAM_HO": IsGuardian, "NGUOI_DUOC_GIAM_HO": IsWard, "KHONG": IsNone,
}

// relationIn reads what other is to the person. Both numbers must come back: a relation
// lets one file for the other.
func relationIn(body *node, number, other string) (Relation, error) {
	n, err := answer(body, "NhanThan", number)
	if err != nil {
		return "", err
	}
	if n.at("SoDinhDanhNguoiThan").text != other {
		return "", fmt.Errorf("%w: the relation to another person", ErrRefused)
	}
	r, ok := relations[n.at("QuanHe").text]
	if !ok {
		return "", fmt.Errorf("%w: an unknown relation", ErrRefused)
	}
	return r, nil
}

// related asks for kinship, and for guardianship where there is none.
func related(ask func(operation, mark string) (Relation, error)) (Relation, error) {
	r, err := ask(askKin, "")
	if err != nil || r != IsNone {
		return r, err
	}
	return ask(askGuardian, "-2")
}
