package pg

// UUID says whether s is a uuid as PostgreSQL writes it: 36 characters, hexadecimal digits
// in lower case. Other forms would find the same row under a second address, or make
// PostgreSQL refuse the statement; to us they name nothing.
func UUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		switch c := s[i]; {
		case i == 8 || i == 13 || i == 18 || i == 23:
			if c != '-' {
				return false
			}
		case (c < '0' || c > '9') && (c < 'a' || c > 'f'):
			return false
		}
	}
	return true
}
