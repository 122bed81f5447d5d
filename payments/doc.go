// Package payments holds what people owe, what they have paid and the receipts they get.
//
// An order is what is owed for one subject (a dossier). An attempt is one try to pay it at
// a provider and has the only reference the provider knows. What a provider says, in a
// notice or asked by us, is a Notice; Settle is the one place where it becomes money.
package payments
