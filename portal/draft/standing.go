package draft

import (
	"slices"

	"motcua/eforms"
	"motcua/locales"
	"motcua/portal/applicant"
	"motcua/portal/catalogue"
	"motcua/portal/registry"
)

// Kinds are the capacities in which a procedure can be filed: as its sheet says, or else
// for a business where its form asks the business register, and for people where not.
func Kinds(rev *catalogue.Revision) []applicant.Kind {
	if len(rev.Sheet.Capacities) > 0 {
		kinds := make([]applicant.Kind, len(rev.Sheet.Capacities))
		for i, name := range rev.Sheet.Capacities {
			kinds[i] = applicant.Kind(name)
		}
		return kinds
	}
	if rev.Form != nil && slices.Contains(rev.Form.Sources(), registry.BusinessActing) {
		return []applicant.Kind{applicant.ForFirm}
	}
	return []applicant.Kind{applicant.Self, applicant.Ward, applicant.Authorised}
}

// CapacityProof is the paper by which a relation or an authorisation is shown that no
// register and no giver has confirmed.
const CapacityProof = "capacity_proof"

// ProofName is what that paper is called.
func ProofName(kind applicant.Kind) locales.Text {
	if kind == applicant.Authorised {
		return mandateName
	}
	return relationName
}

// extra are the papers that the portal asks for whatever the form says.
func (d Draft) extra() []eforms.Component {
	if d.Capacity.Verified || d.Capacity.Kind == "" || d.Revision == nil || len(d.Revision.Form.Pages) == 0 {
		return nil
	}
	proof := eforms.Component{ID: CapacityProof, Page: 1, Required: true, MaxFiles: 5, Sample: proofSample}
	proof.Name, proof.Short, proof.Hint = relationName, relationShort, relationHint
	if d.Capacity.Kind == applicant.Authorised {
		proof.Name, proof.Short, proof.Hint = mandateName, mandateShort, mandateHint
	}
	return []eforms.Component{proof}
}

// The texts are data like those of a form, not of the program: they go into what is filed.
var (
	relationName  = locales.Text{VI: "Giấy tờ chứng minh quan hệ", EN: "Proof of the relation"}
	relationShort = locales.Text{VI: "giấy tờ chứng minh quan hệ", EN: "proof of the relation"}
	relationHint  = locales.Text{VI: "Giấy khai sinh, quyết định giám hộ hoặc giấy tờ khác cho thấy bạn là cha, mẹ hoặc người giám hộ.", EN: "A birth certificate, a decision on guardianship or another paper that shows you are the parent or guardian."}
	mandateName   = locales.Text{VI: "Văn bản ủy quyền", EN: "Written authorisation"}
	mandateShort  = locales.Text{VI: "văn bản ủy quyền", EN: "written authorisation"}
	mandateHint   = locales.Text{VI: "Văn bản ủy quyền có chữ ký của người ủy quyền, được công chứng hoặc chứng thực nếu thủ tục yêu cầu.", EN: "The authorisation signed by its giver, notarised or certified where the procedure asks for it."}
	proofSample   = locales.Text{VI: "Họ tên, số định danh và chữ ký phải đọc được.", EN: "Names, ID numbers and signatures must be legible."}
)

// standing are the facts that a form may ask about as whom it is filled.
func (d Draft) standing() []eforms.Fact {
	if d.Capacity.Kind == "" {
		return nil
	}
	return []eforms.Fact{{Name: "applicant.capacity", Value: string(d.Capacity.Kind)}, {Name: "applicant.relation_verified", Value: d.Capacity.Verified}}
}
