package assets

import "embed"

// Web is what the pages are made of: templates, style, script and icons.
//
//go:embed pages style script icons
var Web embed.FS
