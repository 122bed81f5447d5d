package signature

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	_ "crypto/sha1" // the hashes that signatures are made with
	_ "crypto/sha256"
	_ "crypto/sha512"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"time"
)

// Libraries for CMS were looked at: they know no RSA-PSS, and encode the signed attributes
// anew instead of checking what was signed.

// SignedData of RFC 5652, as far as it is read.
type contentInfo struct {
	Type    asn1.ObjectIdentifier
	Content asn1.RawValue `asn1:"explicit,tag:0"`
}

type signedData struct {
	Version      int
	Digests      asn1.RawValue
	Encapsulated struct {
		Type    asn1.ObjectIdentifier
		Content asn1.RawValue `asn1:"optional,explicit,tag:0"`
	}
	Certificates asn1.RawValue `asn1:"optional,tag:0"`
	Revocations  asn1.RawValue `asn1:"optional,tag:1"`
	Signers      []signerInfo  `asn1:"set"`
}

type signerInfo struct {
	Version   int
	ID        asn1.RawValue
	Digest    pkix.AlgorithmIdentifier
	Signed    asn1.RawValue `asn1:"optional,tag:0"`
	Algorithm pkix.AlgorithmIdentifier
	Signature []byte
	Unsigned  asn1.RawValue `asn1:"optional,tag:1"`
}

type attribute struct {
	Type   asn1.ObjectIdentifier
	Values asn1.RawValue `asn1:"set"`
}

type pssParameters struct {
	Hash    pkix.AlgorithmIdentifier `asn1:"optional,explicit,tag:0"`
	Mask    pkix.AlgorithmIdentifier `asn1:"optional,explicit,tag:1"`
	Salt    int                      `asn1:"optional,explicit,tag:2,default:20"`
	Trailer int                      `asn1:"optional,explicit,tag:3,default:1"`
}

const (
	oidData          = "1.2.840.113549.1.7.1"
	oidSignedData    = "1.2.840.113549.1.7.2"
	oidStamp         = "1.2.840.113549.1.9.16.1.4" // TSTInfo of RFC 3161
	oidContentType   = "1.2.840.113549.1.9.3"
	oidMessageDigest = "1.2.840.113549.1.9.4"
	oidSigningTime   = "1.2.840.113549.1.9.5"
	oidPSS           = "1.2.840.113549.1.1.10"
)

var hashes = map[string]crypto.Hash{
	"1.3.14.3.2.26":          crypto.SHA1,
	"2.16.840.1.101.3.4.2.1": crypto.SHA256,
	"2.16.840.1.101.3.4.2.2": crypto.SHA384,
	"2.16.840.1.101.3.4.2.3": crypto.SHA512,
}

// algorithms are those that name the hash with the key, or, with 0, leave it to the signer's
// digest. The key itself says whether it is RSA.
var algorithms = map[string]crypto.Hash{
	"1.2.840.113549.1.1.1":  0,
	"1.2.840.113549.1.1.5":  crypto.SHA1,
	"1.2.840.113549.1.1.11": crypto.SHA256,
	"1.2.840.113549.1.1.12": crypto.SHA384,
	"1.2.840.113549.1.1.13": crypto.SHA512,
	"1.2.840.10045.2.1":     0,
	"1.2.840.10045.4.1":     crypto.SHA1,
	"1.2.840.10045.4.3.2":   crypto.SHA256,
	"1.2.840.10045.4.3.3":   crypto.SHA384,
	"1.2.840.10045.4.3.4":   crypto.SHA512,
}

// signed is a signature that could be read, before it is held to the document.
type signed struct {
	cert      *x509.Certificate
	at        time.Time
	stamp     bool
	digest    crypto.Hash // of the document
	hash      crypto.Hash // of what the key signed
	salt      int         // of RSA-PSS, -1 for none
	signature []byte
	attrs     []byte // the signed attributes as they were signed, or none
	says      []byte // the document's digest by them
}

func (c signed) weak() bool { return c.digest == crypto.SHA1 || c.hash == crypto.SHA1 }

// parse reads a detached signature of one signer. Zeroes may follow it, for writers leave
// room. False: it is not one, or of a kind that is not known here.
func parse(raw []byte) (signed, bool) {
	der, ok := definite(raw)
	if !ok {
		return signed{}, false
	}
	var info contentInfo
	var data signedData
	if _, err := asn1.Unmarshal(der, &info); err != nil || info.Type.String() != oidSignedData {
		return signed{}, false
	}
	if _, err := asn1.Unmarshal(info.Content.Bytes, &data); err != nil {
		return signed{}, false
	}
	kind := data.Encapsulated.Type.String()
	if kind == oidStamp {
		return signed{stamp: true}, true
	}
	if len(data.Signers) != 1 || len(data.Encapsulated.Content.FullBytes) > 0 || kind != oidData {
		return signed{}, false
	}
	signer := data.Signers[0]
	c := signed{digest: hashes[signer.Digest.Algorithm.String()], signature: signer.Signature}
	if c.cert = certificate(data.Certificates.Bytes, signer.ID); c.cert == nil || c.digest == 0 {
		return signed{}, false
	}
	if !c.algorithm(signer.Algorithm) || !c.key() {
		return signed{}, false
	}
	return c, len(signer.Signed.FullBytes) == 0 || c.attributes(signer.Signed)
}

// certificate is the signer's among those that came along.
func certificate(all []byte, id asn1.RawValue) *x509.Certificate {
	var serial struct {
		Issuer asn1.RawValue
		Number *big.Int
	}
	byKey := id.Class == asn1.ClassContextSpecific && id.Tag == 0
	if _, err := asn1.Unmarshal(id.FullBytes, &serial); err != nil && !byKey {
		return nil
	}
	for range 20 { // longer chains there are none
		var one asn1.RawValue
		rest, err := asn1.Unmarshal(all, &one)
		if err != nil {
			return nil
		}
		all = rest
		cert, err := x509.ParseCertificate(one.FullBytes)
		switch {
		case err != nil: // of another kind, or not well made: it may not be the signer's
		case byKey && len(id.Bytes) > 0 && bytes.Equal(cert.SubjectKeyId, id.Bytes):
			return cert
		case !byKey && cert.SerialNumber.Cmp(serial.Number) == 0 && bytes.Equal(cert.RawIssuer, serial.Issuer.FullBytes):
			return cert
		}
	}
	return nil
}

// algorithm takes the hash and the padding.
func (c *signed) algorithm(id pkix.AlgorithmIdentifier) bool {
	c.salt = -1
	if id.Algorithm.String() != oidPSS {
		hash, known := algorithms[id.Algorithm.String()]
		if c.hash = hash; hash == 0 {
			c.hash = c.digest
		}
		return known
	}
	var p pssParameters
	if len(id.Parameters.FullBytes) == 0 {
		p.Salt = 20
	} else if _, err := asn1.Unmarshal(id.Parameters.FullBytes, &p); err != nil {
		return false
	}
	c.hash, c.salt = crypto.SHA1, p.Salt // when it names no hash
	if len(p.Hash.Algorithm) > 0 {
		c.hash = hashes[p.Hash.Algorithm.String()]
	}
	return c.hash != 0 && p.Salt >= 0 && p.Salt <= 512
}

// key says whether the key is of a kind and a size that is worth its time.
func (c *signed) key() bool {
	switch key := c.cert.PublicKey.(type) {
	case *rsa.PublicKey:
		return key.N.BitLen() <= 8192
	case *ecdsa.PublicKey:
		return c.salt < 0
	}
	return false
}

// attributes reads the signed attributes: each of ours once, and the content a document.
func (c *signed) attributes(raw asn1.RawValue) bool {
	c.attrs = bytes.Clone(raw.FullBytes)
	c.attrs[0] = 0x31 // signed as a SET, sent as [0] (RFC 5652, 5.4)
	var kind, digest bool
	for rest := raw.Bytes; len(rest) > 0; {
		var a attribute
		var err error
		if rest, err = asn1.Unmarshal(rest, &a); err != nil {
			return false
		}
		switch a.Type.String() {
		case oidContentType:
			var of asn1.ObjectIdentifier
			if !only(a.Values.Bytes, &of) || kind || of.String() != oidData {
				return false
			}
			kind = true
		case oidMessageDigest:
			if !only(a.Values.Bytes, &c.says) || digest {
				return false
			}
			digest = true
		case oidSigningTime:
			if !only(a.Values.Bytes, &c.at) {
				return false
			}
			if c.at = c.at.UTC(); c.at.Year() < 1970 || c.at.Year() > 9998 { // no time that can be stored everywhere
				c.at = time.Time{}
			}
		}
	}
	return kind && digest
}

// only reads a value that stands alone.
func only(der []byte, into any) bool {
	rest, err := asn1.Unmarshal(der, into)
	return err == nil && len(rest) == 0
}

// holds says whether the key signed these parts of the document.
func (c signed) holds(parts ...[]byte) bool {
	if c.attrs == nil {
		return c.verified(c.hash, parts...)
	}
	h := c.digest.New()
	for _, part := range parts {
		h.Write(part)
	}
	return bytes.Equal(h.Sum(nil), c.says) && c.verified(c.hash, c.attrs)
}

func (c signed) verified(hash crypto.Hash, parts ...[]byte) bool {
	h := hash.New()
	for _, part := range parts {
		h.Write(part)
	}
	sum := h.Sum(nil)
	switch key := c.cert.PublicKey.(type) {
	case *rsa.PublicKey:
		if c.salt >= 0 {
			return rsa.VerifyPSS(key, hash, sum, c.signature, &rsa.PSSOptions{SaltLength: c.salt}) == nil
		}
		return rsa.VerifyPKCS1v15(key, hash, sum, c.signature) == nil
	case *ecdsa.PublicKey:
		return ecdsa.VerifyASN1(key, sum, c.signature)
	}
	return false
}
