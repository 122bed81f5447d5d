//go:build race

package portal

// thinned is how many of a large matrix's cells are left out for each one that is tried: the
// race detector makes a request some ten times dearer, and the run without it tries them all.
const thinned = 4
