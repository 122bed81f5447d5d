package main

import (
	"context"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// searchInBrowser types into a search of a list: with a script what fits opens under the
// field, the arrows go through it and Enter chooses; words without marks are enough, and
// what is chosen goes along unseen. Changing the words takes it back.
func searchInBrowser(t *testing.T, b *browser) {
	t.Helper()
	if _, err := b.open("/style"); err != nil {
		t.Fatal(err)
	}
	seen := func(after string, do chromedp.Action[chromedp.Void], want string) {
		t.Helper()
		if err := b.do(do); err != nil {
			t.Fatal(err)
		}
		got, err := eval[string](b, `(function () {
			var box = document.querySelector('[name="k_search.text"]'), list = document.getElementById(box.getAttribute('aria-controls'));
			return [box.getAttribute('role'), box.getAttribute('aria-expanded'), Array.from(list.children, function (o) {
				return o.textContent + (o.id === box.getAttribute('aria-activedescendant') && o.getAttribute('aria-selected') ? '*' : '');
			}).join(), box.value, document.querySelector('[name=k_search]').value].join('|');
		})()`)
		if err != nil || got != want {
			t.Errorf("after %s: %s, want %s (%v)", after, got, want, err)
		}
	}
	field := chromedp.CSS(`[name="k_search.text"]`)
	seen("letters", chromedp.SendKeys(field, "kho"), "combobox|true|Khơ-me|kho|")
	seen("an arrow", press("ArrowDown", 40), "combobox|true|Khơ-me*|kho|")
	seen("Enter", press("Enter", 13), "combobox|false||Khơ-me|05")
	seen("a letter more", chromedp.SendKeys(field, "x"), "combobox|false||Khơ-mex|")
	seen("the letter gone", press("Backspace", 8), "combobox|true|Khơ-me|Khơ-me|")
	seen("Escape", press("Escape", 27), "combobox|false||Khơ-me|")
}

// procedureInBrowser types into the search of the front page: procedures open under the
// field, and the chosen one opens.
func procedureInBrowser(t *testing.T, b *browser) {
	t.Helper()
	if _, err := b.open("/"); err != nil {
		t.Fatal(err)
	}
	if err := b.do(chromedp.SendKeys(chromedp.CSS("#tim"), "giay khai si"), chromedp.WaitVisible(chromedp.CSS("#tim-g li")), press("ArrowDown", 40)); err != nil {
		t.Fatal(err)
	}
	got, err := eval[string](b, `(function () {
		var box = document.getElementById('tim'), list = document.getElementById(box.getAttribute('aria-controls')), at = list.getBoundingClientRect();
		return [box.getAttribute('role'), box.getAttribute('aria-expanded'), list.querySelector('[aria-selected]').textContent, at.top >= box.getBoundingClientRect().bottom, at.right <= innerWidth].join('|');
	})()`)
	if want := "combobox|true|Đăng ký khai sinh|true|true"; err != nil || got != want {
		t.Errorf("while one types: %s, want %s (%v)", got, want, err)
	}
	if err := b.do(press("Enter", 13), chromedp.WaitVisible(chromedp.CSS(".crumbs"))); err != nil {
		t.Fatal(err)
	}
	if at, err := eval[string](b, `location.pathname`); err != nil || at != "/thu-tuc/1.001193" {
		t.Errorf("the choice leads to %s (%v)", at, err)
	}
}

// press is one key going down, and nothing of what the driver would type besides.
func press(key string, code int64) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: "rawKeyDown", Key: key, Code: key, WindowsVirtualKeyCode: code})
		return err
	})
}
