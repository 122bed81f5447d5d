package registry

import (
	"context"
	"fmt"
	"slices"
)

// LandClient asks the land register which certificates a person has. The shape is our own,
// as with CivilClient.
type LandClient struct {
	XRoad
	Service string // INSTANCE/CLASS/MEMBER/SUBSYSTEM/SERVICE
}

// Certificates are those that name the person among the users of the land. None is
// ErrNotFound.
func (c *LandClient) Certificates(ctx context.Context, r Request, number string) ([]Certificate, error) {
	found, err := answered(ctx, c.XRoad, r, c.Service, "/giay-chung-nhan", number, readCertificates)
	if err != nil {
		return nil, fmt.Errorf("land: %w", err)
	}
	return found, nil
}

func readCertificates(root *node, number string) ([]Certificate, error) {
	all, err := entries(root, "giayChungNhan")
	if err != nil {
		return nil, err
	}
	some := make([]Certificate, len(all))
	for i, n := range all {
		theirs := slices.ContainsFunc(n.all("nguoiSuDung"), func(u *node) bool { _, of := party(u); return of == number })
		some[i] = Certificate{
			Serial: n.at("soPhatHanh").words(), BookNumber: n.at("soVaoSo").words(), Sheet: n.at("toBanDo").words(), Parcel: n.at("thuaDat").words(),
			Area: n.at("dienTich").words(), Purpose: n.at("mucDich").words(), Address: n.at("diaChi").words(),
		}
		if !theirs || some[i].Serial == "" {
			return nil, fmt.Errorf("%w: a certificate of other people", ErrRefused)
		}
	}
	return some, nil
}
