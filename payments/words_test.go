package payments

import (
	"encoding/json"
	"math"
	"os"
	"testing"
)

func TestWords(t *testing.T) {
	b, err := os.ReadFile("testdata/words.json")
	if err != nil {
		t.Fatal(err)
	}
	var v struct {
		Words []struct {
			N    int64
			Text string
		}
	}
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	if len(v.Words) < 50 {
		t.Fatalf("only %d vectors", len(v.Words))
	}
	for _, w := range v.Words {
		if got := Words(w.N); got != w.Text {
			t.Errorf("%d: %q, want %q", w.N, got, w.Text)
		}
	}
}

func TestWordsOfTheLargest(t *testing.T) {
	for _, w := range []struct {
		n    int64
		text string
	}{
		{math.MaxInt64, "Chín tỷ hai trăm hai mươi ba triệu ba trăm bảy mươi hai nghìn không trăm ba mươi sáu tỷ tám trăm năm mươi tư triệu bảy trăm bảy mươi lăm nghìn tám trăm linh bảy đồng"},
		{math.MinInt64, "Âm chín tỷ hai trăm hai mươi ba triệu ba trăm bảy mươi hai nghìn không trăm ba mươi sáu tỷ tám trăm năm mươi tư triệu bảy trăm bảy mươi lăm nghìn tám trăm linh tám đồng"},
	} {
		if got := Words(w.n); got != w.text {
			t.Errorf("%d: %q", w.n, got)
		}
	}
}
