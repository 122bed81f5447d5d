package citizen

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"motcua/locales"
	"motcua/portal/report"
	"motcua/portal/web"
)

// Figures are the public statistics (ux P13, STAT).
type Figures struct {
	*web.Web
	Report *report.Service
}

// Routes puts the page at its address.
func (h *Figures) Routes(app fiber.Router) { app.Get("/thong-ke", h.month) }

type figuresPage struct {
	report.Report
	InTime  int // shares in percent, -1 for none
	Online  int
	Paid    int
	Content int
	Reused  int
	Before  string // month before, as ?thang=
	After   string
	Widest  int // of the bars
}

func (h *Figures) month(c *fiber.Ctx) error {
	now := h.Report.Now()
	month, err := time.ParseInLocation("2006-01", c.Query("thang"), locales.ICT)
	if err != nil || month.After(now) || month.Year() < 2020 {
		month = now
	}
	r, err := h.Report.Month(c.UserContext(), month)
	if err != nil {
		return err
	}
	d := figuresPage{Report: r, InTime: report.Share(r.All.InTime, r.All.Settled), Online: report.Share(r.All.Online, r.All.Received),
		Paid: report.Share(r.All.Paid, r.All.Owing), Content: report.Share(r.All.Content, r.All.Rated),
		Reused: report.Share(r.All.Reused, r.All.Papers), Before: r.Month.AddDate(0, -1, 0).Format("2006-01")}
	if next := r.Month.AddDate(0, 1, 0); !next.After(now) {
		d.After = next.Format("2006-01")
	}
	for _, a := range r.Agencies {
		d.Widest = max(d.Widest, a.Received)
	}
	return h.Show(c, fiber.StatusOK, "citizen/figures", web.Page{Title: locales.M("figures.title", locales.S("month", r.Month.Format("1/2006"))),
		Crumbs: crumbs(), Data: d})
}

// Bar is the length of a bar in percent of the drawing; what is left is for the number.
func (d figuresPage) Bar(n int) int {
	if d.Widest == 0 {
		return 0
	}
	return n * 85 / d.Widest
}

// Line is where something of the i-th bar stands, from the top; each has 56.
func (d figuresPage) Line(i, down int) int { return i*56 + down }

// Height is that of all bars.
func (d figuresPage) Height() int { return len(d.Agencies) * 56 }
