package main

import (
	"fmt"
	"testing"
)

// What a journal comes to: an answer outweighs a lost one, whichever came first.
func TestEnds(t *testing.T) {
	for _, test := range []struct {
		classes []string
		want    string
	}{
		{[]string{begun}, unknown},
		{[]string{begun, unknown}, unknown},
		{[]string{begun, ok}, ok},
		{[]string{begun, unknown, begun, ok}, ok},
		{[]string{begun, unknown, begun, fail}, fail},
		{[]string{begun, ok, begun, unknown}, ok},
	} {
		t.Run(fmt.Sprint(test.classes), func(t *testing.T) {
			var lines []line
			for _, class := range test.classes {
				lines = append(lines, line{Deed: file, Dossier: "d", Thing: "k", Class: class})
			}
			if got := ends(lines)[thing{file, "d", "k"}]; got != test.want {
				t.Errorf("%s, not %s", got, test.want)
			}
		})
	}
}
