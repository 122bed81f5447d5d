// Package payments holds what people owe, what they have paid and the receipts they get.
package payments
