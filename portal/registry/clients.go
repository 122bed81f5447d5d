package registry

import "context"

// Request is what a question carries besides its subject.
type Request struct {
	ID    string // new for every question: both sides keep it under this
	By    string // our own number of who asks, "person-7": never their ID number
	Issue string // what it is for: a draft or a dossier
}

// Every client answers ErrNotFound when the register knows nothing of the kind, ErrRefused
// when its answer cannot be used for this question; any other error is an outage.

// Populations is the population database. Two ways lead to it: the national exchange
// platform (PopulationClient) and a province's own platform (ProvincePopulation).
type Populations interface {
	Citizen(ctx context.Context, r Request, number, name string) (Citizen, error)
	Household(ctx context.Context, r Request, number string) (Household, error)
	Marital(ctx context.Context, r Request, number string) (Marital, error)
	Relation(ctx context.Context, r Request, number, other string) (Relation, error)
}

// Businesses is the business register: the national service (BusinessClient) or a
// province's relay of it (RelayBusiness).
type Businesses interface {
	Enterprise(ctx context.Context, r Request, code string) (Enterprise, error)
}

// Citizen is a person as the population database has them, as far as forms ask.
type Citizen struct {
	IDNumber, OldNumber, Name                string // OldNumber: of the card before, 9 digits
	BirthDate, BirthYear                     string // yyyy-mm-dd, yyyy; the day may be unknown
	Sex                                      string // male, female
	Marital                                  string // never, married, divorced, widowed
	Ethnicity, Nationality                   string // codes
	Birthplace, Hometown, Residence, Current Address
	FatherName, FatherNumber                 string
	MotherName, MotherNumber                 string
	SpouseName, SpouseNumber                 string
	Head, HeadNumber, HeadRelation           string // of the household, and what the person is to them, as it is written there
	Household                                string // its number
}

// Address is a place by its codes: since 1 July 2025 a province and a commune, no district.
type Address struct {
	Country, Province, Commune, Detail string
	ProvinceName, CommuneName          string // where the register gives them: the province's platform does
}

// Household is who lives together by the register of residence.
type Household struct {
	Number           string
	Head, HeadNumber string
	Residence        Address
	Members          []Member
}

// Member is one of a household; Relation is what they are to its head, as it is written there.
type Member struct{ Name, IDNumber, Relation string }

// Marital is whether a person is married, and to whom.
type Marital struct {
	Status                   string // never, married, divorced, widowed
	Since                    string // yyyy-mm-dd
	SpouseName, SpouseNumber string
}

// Relation is what one person is to another.
type Relation string

// The relations that the population database confirms. IsNone is an answer too: it knows of
// no relation between the two.
const (
	IsChild    Relation = "child"
	IsParent   Relation = "parent"
	IsSpouse   Relation = "spouse"
	IsGuardian Relation = "guardian"
	IsWard     Relation = "ward"
	IsNone     Relation = "none"
)

// Enterprise is a business as the register has it.
type Enterprise struct {
	TaxCode, Name, ShortName, Type, Capital, Status string
	Founded, Address, Phone, Email                  string
	Representatives                                 []Representative
}

// Representative is one who stands for the business by law.
type Representative struct{ Name, IDNumber string }

// Birth is an entry of the register of births.
type Birth struct {
	Child                    Child
	Number, RegisteredOn     string // of the entry; yyyy-mm-dd
	Place                    string // where it was registered
	MotherName, MotherNumber string
	FatherName, FatherNumber string
}

// Child is whom a birth or a guardianship is about; they may have grown up since.
type Child struct{ Name, IDNumber, BirthDate, Sex string }

// Guardianship is an entry of the register of guardians that is in force.
type Guardianship struct {
	Ward                 Child
	Number, RegisteredOn string
	Place                string
}

// Marriage is an entry of the register of marriages that is in force.
type Marriage struct {
	Number, RegisteredOn     string
	Place                    string
	SpouseName, SpouseNumber string // of the one who was asked about
}

// Certificate is one of a right to use land.
type Certificate struct {
	Serial, BookNumber string // of the paper; of its entry
	Sheet, Parcel      string // of the map
	Area               string // in square metres
	Purpose, Address   string
}

// Licence is one to drive.
type Licence struct {
	Number, Class       string
	IssuedOn, ExpiresOn string // yyyy-mm-dd; one that does not expire has no day
	IssuedBy            string
	Revoked             bool
}
