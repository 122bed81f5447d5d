//go:build !race

package portal

const thinned = 0
