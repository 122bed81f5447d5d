package migrations

// Kept says of a table with personal data whose they are and how long they stay.
type Kept struct {
	Table   string
	Owner   string // column that names the person: by id, by keyed hash, or by the row it leads to
	Through string // table that Owner leads to, where it is not the person
	From    string // column from which the term counts; none where it counts with Through's row
	Days    int    // term; Forever where the record stays
	Why     string
}

// Terms in days.
const (
	Forever = -1
	year    = 365
	dossier = 10 * year // with the procedure's records; what must stay longer goes to the archive
	books   = 10 * year // accounting documents (Luật Kế toán 88/2015/QH13, article 41)
	traces  = 5 * year
	told    = 2 * year // until complaints are over
)

// Retention is every table with personal data. A migration that makes a table adds its line
// here or in Impersonal; a test compares both lists with the schema. Terms that name no law
// are proposals which the province confirms.
var Retention = []Kept{
	{"sessions", "person_id", "", "ends_at", 0, "over is over"},
	{"signins", "browser", "", "at", 1, "a sign-in that did not come back"},
	{"deeds", "person", "", "at", 30, "the same answer to a request said again"},
	{"limits", "key", "", "start", 1, "tries, by address or person"},

	{"persons", "id", "", "seen_at", dossier, "as long as a dossier may be theirs"},
	{"accounts", "person_id", "", "seen_at", dossier, "by which accounts the person comes"},
	{"representations", "person_id", "", "seen_at", dossier, "in whose name was filed"},
	{"powers", "member_hash", "", "invited_at", dossier, "by what right a business's dossier was filed"},
	{"authorisations", "giver_hash", "", "made_at", dossier, "by what right another's dossier was filed"},
	{"standing_events", "actor_id", "", "at", dossier, "goes with what it is about"},
	{"wards", "person_id", "", "seen_at", dossier, "for whom a person may file"},
	{"officers", "id_hash", "", "", Forever, "who decided, as long as the decision stands"},
	{"officer_roles", "officer_id", "officers", "", Forever, "by what right they decided"},
	{"form_edits", "opened_by", "officers", "", Forever, "who made what people are asked"},
	{"form_versions", "officer_id", "officers", "", Forever, "who changed it at which step; goes when the edit is over"},
	{"form_runs", "officer_id", "officers", "", Forever, "who recorded which run with made-up data"},
	{"reviews", "sent_by", "officers", "", Forever, "who sent and who approved what people read"},
	{"review_comments", "officer_id", "officers", "", Forever, "what was said about it before"},
	{"agency_changes", "opened_by", "officers", "", Forever, "who had which agencies merged or parted"},
	{"edit_batches", "opened_by", "officers", "", Forever, "who changed many sheets at once"},
	{"sheet_edits", "opened_by", "officers", "", Forever, "who made what people read"},
	{"sheet_versions", "officer_id", "officers", "", Forever, "who changed it at which step; goes when the edit is over"},
	{"national_uploads", "officer_id", "officers", "at", year, "who brought which list of procedures in; the one in use stays"},
	{"publications", "published_by", "officers", "", Forever, "who published what, and who approved it"},
	{"withdrawals", "officer_id", "officers", "", Forever, "who took a publication back"},
	{"procedure_ends", "published_by", "officers", "", Forever, "who ended a procedure"},
	{"content_edits", "opened_by", "officers", "", Forever, "who wrote what the portal says"},
	{"content_versions", "officer_id", "officers", "", Forever, "who changed it at which step"},
	{"content_revisions", "published_by", "officers", "", Forever, "who published it, who approved"},
	{"content_withdrawals", "officer_id", "officers", "", Forever, "who took it off"},
	{"counters", "changed_by", "officers", "", Forever, "who set when an agency receives people"},
	{"list_entries", "changed_by", "officers", "", Forever, "who changed a list that sheets draw from"},
	{"outages", "declared_by", "officers", "", Forever, "who let people file without a register"},
	{"lookups", "subject", "", "at", traces, "who asked the shared registries about whom"},
	{"audit", "subject", "", "at", traces, "who did and saw what"},
	{"consents", "person_id", "", "at", traces, "what was agreed to before a register was asked"},
	{"fact_reports", "person_id", "", "closed_at", told, "what was said to be wrong with a register"},

	{"drafts", "person_id", "", "lapses_at", 0, "never filed, and over"},
	{"assists", "draft_id", "drafts", "", 0, "goes with its draft"},
	{"held_pages", "browser", "", "at", 1, "sent after the session was over, for the same person's return"},
	{"draft_files", "draft_id", "drafts", "removed_at", 7, "taken back; the bytes go with the row"},
	{"file_copies", "file_id", "draft_files", "", 7, "goes with its file"},
	{"working_copies", "draft_id", "dossiers", "", dossier, "goes with its dossier, or with a draft that is over"},
	{"uploads", "person_id", "", "ends_at", 0, "did not come whole"},
	{"upload_parts", "upload_id", "uploads", "", 0, "goes with its upload"},
	{"phones", "person_id", "", "ends_at", 0, "over is over"},

	{"batches", "person_id", "", "lapses_at", 0, "several drafts from one file, and over"},
	{"batch_rows", "batch_id", "batches", "", 0, "goes with its batch; what was filed is the dossier's"},

	{"dossiers", "person_id", "", "closed_at", dossier, "the procedure's records"},
	{"filings", "dossier_id", "dossiers", "", dossier, "goes with its dossier"},
	{"attachments", "dossier_id", "dossiers", "", dossier, "goes with its dossier"},
	{"fact_checks", "dossier_id", "dossiers", "", dossier, "goes with its dossier"},
	{"supplements", "dossier_id", "dossiers", "", dossier, "goes with its dossier"},
	{"events", "dossier_id", "dossiers", "", dossier, "goes with its dossier"},
	{"papers", "dossier_id", "dossiers", "", dossier, "goes with its dossier"},
	{"ratings", "dossier_id", "dossiers", "", dossier, "goes with its dossier"},

	{"vault_papers", "owner_hash", "", "at", dossier, "as long as the dossier that it came from; its owner uses it again"},
	{"vault_files", "paper_id", "vault_papers", "", dossier, "goes with its paper"},
	{"vault_dates", "dossier_id", "dossiers", "", dossier, "goes with its dossier"},
	{"vault_uses", "person_id", "", "at", dossier, "what an upload was spared by"},
	{"vault_shares", "person_id", "", "ends_at", told, "to whom was a paper opened: its owner asks later"},
	{"vault_views", "share_id", "vault_shares", "", told, "goes with its share"},

	{"orders", "subject", "dossiers", "made_at", books, "accounting document"},
	{"attempts", "order_id", "orders", "made_at", books, "accounting document"},
	{"ledger", "order_id", "orders", "at", books, "accounting document"},
	{"receipts", "order_id", "orders", "at", books, "accounting document"},
	{"receipt_files", "receipt_id", "receipts", "", books, "goes with its receipt"},
	{"orphans", "body", "", "at", books, "money that came in and fits nothing"},

	{"notices", "person_id", "", "at", told, "what was told"},
	{"letters", "person_id", "", "made_at", told, "what was sent"},
	{"sms", "person_id", "", "made_at", told, "that it was sent; what it said is gone by then"},
	{"seen_notices", "person_id", "", "until", told, "how far they have read"},
	{"appointments", "owner_hash", "", "ends_at", 90, "a visit that is over; by then it counts for no waiting time"},
	{"postal_orders", "dossier_id", "dossiers", "made_at", told, "where it was sent"},
	{"postal_events", "number", "postal_orders", "at", told, "what became of it; the carrier's notes may name people"},
}

// Impersonal are the tables without personal data.
var Impersonal = []string{
	"goose_db_version", "jobs", "feeds", "notice_keys", "audit_seals",
	"province", "agencies", "agency_heirs", "units", "unit_files", "unit_changes", "calendar_days",
	"fields", "synonyms", "paper_types", "procedures", "procedure_uses", "revisions", "contents", "content_votes",
	"national_bytes", "national_rows",
	"links",
	"code_counters", "paper_counters", "receipt_counters", "report_counters",
}
