// Package assets holds what ships inside the program: pages, style, script and icons, the
// catalogue of procedures, and the province packs.
package assets

import (
	"embed"
	"io/fs"
	"slices"
)

// data is what is imported into a database, not served: the procedures, the texts and the provinces.
//
//go:embed catalogue content province
var data embed.FS

// Catalogue is the shipped catalogue of procedures, as portal/catalogue imports it.
func Catalogue() fs.FS {
	sub, err := fs.Sub(data, "catalogue")
	if err != nil {
		panic(err) // the name is ours and valid
	}
	return sub
}

// CatalogueOf is the catalogue with the e-forms of these procedures only and without the list
// of those that one can but read about: for tests that need no more and import it often.
func CatalogueOf(codes ...string) fs.FS { return some{Catalogue().(fs.ReadDirFS), codes} }

type some struct {
	fs.ReadDirFS
	codes []string
}

func (s some) Open(name string) (fs.File, error) {
	if name == "information.json" {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return s.ReadDirFS.Open(name)
}

func (s some) ReadDir(name string) ([]fs.DirEntry, error) {
	all, err := s.ReadDirFS.ReadDir(name)
	if name == "procedures" {
		all = slices.DeleteFunc(all, func(e fs.DirEntry) bool { return !slices.Contains(s.codes, e.Name()) })
	}
	return all, err
}

// Content are the shipped texts of the portal, as portal/content imports them.
func Content() fs.FS {
	sub, err := fs.Sub(data, "content")
	if err != nil {
		panic(err) // the name is ours and valid
	}
	return sub
}

// Provinces are the names of the shipped province packs.
func Provinces() []string {
	folders, err := data.ReadDir("province")
	if err != nil {
		panic(err) // embedded: the folder is there
	}
	var names []string
	for _, f := range folders {
		if f.IsDir() {
			names = append(names, f.Name())
		}
	}
	return names
}

// Province is a shipped province pack by its name, as portal/agency reads it.
func Province(name string) (fs.FS, error) {
	if _, err := data.ReadDir("province/" + name); err != nil {
		return nil, err
	}
	return fs.Sub(data, "province/"+name)
}
