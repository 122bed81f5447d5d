package registry

import (
	"context"
	"fmt"
)

// LicenceClient asks the register of driving licences. The shape is our own, as with
// CivilClient.
type LicenceClient struct {
	XRoad
	Service string // INSTANCE/CLASS/MEMBER/SUBSYSTEM/SERVICE
}

// Licences are all that the person was given, those that have run out or were taken away
// too. None is ErrNotFound.
func (c *LicenceClient) Licences(ctx context.Context, r Request, number string) ([]Licence, error) {
	found, err := answered(ctx, c.XRoad, r, c.Service, "/giay-phep", number, readLicences)
	if err != nil {
		return nil, fmt.Errorf("licences: %w", err)
	}
	return found, nil
}

func readLicences(root *node, number string) ([]Licence, error) {
	all, err := entries(root, "giayPhep")
	if err != nil {
		return nil, err
	}
	some := make([]Licence, len(all))
	for i, n := range all {
		some[i] = Licence{
			Number: n.at("so").words(), Class: n.at("hang").words(), IssuedOn: n.at("ngayCap").day(), ExpiresOn: n.at("ngayHetHan").day(),
			IssuedBy: n.at("noiCap").words(), Revoked: n.at("thuHoi").text != "false",
		}
		if _, of := party(n.at("nguoiDuocCap")); of != number || some[i].Number == "" {
			return nil, fmt.Errorf("%w: a licence of other people", ErrRefused)
		}
	}
	return some, nil
}
