package demo

import (
	"encoding/hex"
	"path/filepath"
	"strconv"
	"strings"

	"motcua/portal"
)

// keepSettings writes demo.env: the demo's settings as the environment of the other
// commands, one NAME=value a line, so that verify or import can be run on its data.
func (o *Options) keepSettings(c portal.Config) error {
	return writeFile(filepath.Join(o.Data, "demo.env"), []byte(strings.Join(environment(c), "\n")+"\n"))
}

func environment(c portal.Config) []string {
	return []string{
		"LISTEN=" + c.Listen, "OPERATOR_LISTEN=" + c.Operator, "PUBLIC_URL=" + c.PublicURL,
		"DATABASE_URL=" + c.Database, "BLOB_DIR=" + c.BlobDir,
		"SECRET=" + hex.EncodeToString(c.Secret), "LOOKUP_KEY=" + hex.EncodeToString(c.LookupKey),
		"OIDC_ISSUER=" + c.OIDC.Issuer, "OIDC_CLIENT_ID=" + c.OIDC.ClientID, "OIDC_CLIENT_SECRET=" + c.OIDC.ClientSecret,
		"POPULATION_PLATFORM=" + c.Population.Platform, "POPULATION_URL=" + c.Population.URL, "POPULATION_AUTH_URL=" + c.Population.AuthURL, "POPULATION_USER=" + c.Population.User,
		"POPULATION_SECRET=" + c.Population.Secret, "POPULATION_CLIENT=" + c.Population.Client, "POPULATION_API_KEY=" + c.Population.APIKey,
		"POPULATION_OFFICER=" + c.Population.Officer, "POPULATION_SERVICE=" + c.Population.Service,
		"BUSINESS_PLATFORM=" + c.Business.Platform, "BUSINESS_URL=" + c.Business.URL, "BUSINESS_TOKEN_URL=" + c.Business.TokenURL,
		"BUSINESS_KEY=" + c.Business.Key, "BUSINESS_SECRET=" + c.Business.Secret,
		"CIVIL_SERVICE=" + c.XRoad.Civil, "LAND_SERVICE=" + c.XRoad.Land, "LICENCE_SERVICE=" + c.XRoad.Licence,
		"XROAD_URL=" + c.XRoad.URL, "XROAD_CLIENT=" + c.XRoad.Client,
		"VNPAY_PAY_URL=" + c.VNPay.PayURL, "VNPAY_QUERY_URL=" + c.VNPay.QueryURL, "VNPAY_TMN_CODE=" + c.VNPay.TmnCode,
		"VNPAY_SECRET=" + c.VNPay.Secret, "VNPAY_SECRET_PREVIOUS=" + c.VNPay.PreviousSecret,
		"POST_URL=" + c.Post.URL, "POST_KEY=" + c.Post.Key, "POST_SECRET=" + c.Post.Secret, "POST_CUSTOMER=" + c.Post.Customer, "POST_EVERY=" + c.Post.Every.String(),
		"SMTP_HOST=" + c.SMTP.Host, "SMTP_PORT=" + strconv.Itoa(c.SMTP.Port), "SMTP_USER=" + c.SMTP.User, "SMTP_PASSWORD=" + c.SMTP.Password, "SMTP_FROM=" + c.SMTP.From,
		"SMS_URL=" + c.SMS.URL, "SMS_KEY=" + c.SMS.Key, "SMS_SECRET=" + c.SMS.Secret, "SMS_BRAND=" + c.SMS.Brand,
	}
}
