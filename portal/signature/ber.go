package signature

// maxDepth is how deep a signature may be nested; certificates need about ten.
const maxDepth = 40

// definite writes BER lengths that are left open as DER writes them; some well-known writers
// of PDF leave the outer ones open. What follows the value is dropped. A value without open
// lengths comes back as it is.
func definite(ber []byte) ([]byte, bool) {
	der, _, ok := value(ber, 0)
	return der, ok
}

// value is the first value of ber, and what follows it. What is inside of a definite length
// is not looked into: nothing there is left open in practice, and DER's reader refuses it.
func value(ber []byte, depth int) (der, rest []byte, ok bool) {
	if len(ber) < 2 || ber[0]&0x1f == 0x1f || depth > maxDepth {
		return nil, nil, false
	}
	if ber[1] != 0x80 {
		n, head, ok := length(ber)
		if !ok || n > len(ber)-head {
			return nil, nil, false
		}
		return ber[:head+n], ber[head+n:], true
	}
	if ber[0]&0x20 == 0 {
		return nil, nil, false
	}
	var inside []byte
	for rest = ber[2:]; len(rest) < 2 || rest[0] != 0 || rest[1] != 0; {
		if der, rest, ok = value(rest, depth+1); !ok {
			return nil, nil, false
		}
		inside = append(inside, der...)
	}
	return append(header(ber[0], len(inside)), inside...), rest[2:], true
}

func length(ber []byte) (n, head int, ok bool) {
	if ber[1] < 0x80 {
		return int(ber[1]), 2, true
	}
	head = 2 + int(ber[1]&0x7f)
	if head > 6 || head > len(ber) {
		return 0, 0, false
	}
	for _, b := range ber[2:head] {
		n = n<<8 | int(b)
	}
	return n, head, true
}

func header(tag byte, n int) []byte {
	if n < 0x80 {
		return []byte{tag, byte(n)}
	}
	var digits []byte
	for ; n > 0; n >>= 8 {
		digits = append([]byte{byte(n)}, digits...)
	}
	return append([]byte{tag, 0x80 | byte(len(digits))}, digits...)
}
