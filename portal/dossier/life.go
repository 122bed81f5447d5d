package dossier

import (
	"slices"

	"motcua/portal/agency"
	"motcua/portal/applicant"
)

// State is where a dossier stands: the first of its four axes (money, hand-over and sync
// are the others and never stand for it).
type State string

// The states, with the number that each has at the border (vietnam.md §4.6).
const (
	Filed      State = "filed"      // 1 Mới đăng ký
	Received   State = "received"   // 2 Được tiếp nhận
	Refused    State = "refused"    // 3 Không được tiếp nhận
	Processing State = "processing" // 4 Đang xử lý
	Supplement State = "supplement" // 5 Yêu cầu bổ sung giấy tờ
	Withdrawn  State = "withdrawn"  // 7 Công dân yêu cầu rút hồ sơ
	Decided    State = "decided"    // 9 Đã xử lý xong
	Returned   State = "returned"   // 10 Đã trả kết quả
)

var border = map[State]int{Filed: 1, Received: 2, Refused: 3, Processing: 4, Supplement: 5, Withdrawn: 7, Decided: 9, Returned: 10}

// Border is the state's number in the national set.
func (s State) Border() int { return border[s] }

// Closed says whether nothing more can happen to the content.
func (s State) Closed() bool { return s == Refused || s == Withdrawn || s == Returned }

// Deed is something that somebody does to a dossier.
type Deed string

// The deeds. See, Rate and PayFee change no state.
const (
	See           Deed = "see"
	Receive       Deed = "receive"
	AskSupplement Deed = "ask_supplement"
	Supply        Deed = "supply"
	Refuse        Deed = "refuse"
	Forward       Deed = "forward"
	Decide        Deed = "decide"
	Archive       Deed = "archive"
	Return        Deed = "return"
	Withdraw      Deed = "withdraw"
	Rate          Deed = "rate"
	PayFee        Deed = "pay"
)

// moves is the whole life of a dossier. What is not here cannot happen. A supplement is
// asked for at reception only, once, with all defects (NĐ 61/2018 Điều 17; NĐ 118/2025).
var moves = map[State]map[Deed]State{
	Filed:      {Receive: Received, AskSupplement: Supplement, Refuse: Refused, Withdraw: Withdrawn},
	Supplement: {Supply: Filed, Withdraw: Withdrawn},
	Received:   {Forward: Processing, Withdraw: Withdrawn},
	Processing: {Forward: Processing, Decide: Decided, Withdraw: Withdrawn},
	Decided:    {Archive: Decided, Return: Returned},
}

// roles is who may do what at the dossier's own agency, beside the table of moves.
var roles = map[Deed][]string{
	See:           {"intake", "processor", "leader", "clerk"},
	Receive:       {"intake"},
	AskSupplement: {"intake"},
	Refuse:        {"intake"},
	Forward:       {"intake", "processor"},
	Decide:        {"leader"},
	Archive:       {"clerk", "processor"},
	Return:        {"intake"},
}

// Actor is who asks: a person with what they stand for, or an officer.
type Actor struct {
	applicant.Standings
	Officer *agency.Officer
}

// rights is what a person's right over a dossier must let them do for each deed of theirs.
var rights = map[Deed]applicant.Deed{See: applicant.See, Supply: applicant.File, Withdraw: applicant.File, Rate: applicant.File, PayFee: applicant.Pay}

// owned is as whom a dossier was filed. It belongs to the business, not to the member who
// typed it, and to who authorised, not to who was authorised.
func owned(d Dossier) applicant.Owned {
	return applicant.Owned{PersonID: d.PersonID, Kind: applicant.KindOf(stored(d), d.TaxCode), TaxCode: d.TaxCode, GrantID: d.GrantID, Procedure: d.procedure()}
}

// May says whether the actor may do the deed to this dossier by who they are; whether the
// dossier is in the right state is Can's to say.
func May(a Actor, deed Deed, d Dossier) bool {
	if a.Officer == nil {
		right, theirs := rights[deed]
		if !theirs {
			return false
		}
		_, may := a.Standings.May(owned(d), right)
		return may
	}
	return slices.ContainsFunc(roles[deed], func(role string) bool { return a.Officer.Has(role, d.AgencyID) })
}

// Can says whether the deed is possible in the dossier's state and step.
func Can(deed Deed, d Dossier) bool {
	if deed == Rate {
		return d.State == Returned || d.State == Refused
	}
	if _, possible := moves[d.State][deed]; !possible {
		return false
	}
	switch deed {
	case AskSupplement:
		return d.Supplements == 0
	case Archive:
		return d.StepDoes() == "archive"
	case Return:
		return d.StepDoes() == "return"
	}
	return true
}
