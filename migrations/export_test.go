package migrations

// UpFrom migrates from other files than the shipped ones.
var UpFrom = up
