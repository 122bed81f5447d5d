package web

import (
	"bytes"
	"fmt"
	"html/template"
	"net/url"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"motcua/eforms"
	"motcua/locales"
	"motcua/portal/signin"
)

// Words are text for people: a locales.Message, a locales.Text, or a string that is a
// name as it stands.
type Words = any

// Site is whose portal it is: what header and footer say. It is data of the province.
type Site struct {
	Name    locales.Text // with its kind: Tỉnh …
	Agency  locales.Text // who runs it
	Address locales.Text
	Phone   string
	Email   string
	Hours   locales.Text
	Emblem  string    // a file under assets, "" for the neutral star
	Updated time.Time // when the catalogue was last changed
}

// Frame is what stands around a page.
type Frame int

// The frames. Inside a form nothing leads away but the language and the account.
const (
	FrameSite  Frame = iota // header with search and menu, footer
	FrameForm               // header with the service's name only
	FrameStaff              // header with the officers' menu, wide
)

// Helping is for whom an officer fills a form, where they do.
type Helping struct {
	Name string
	Path string // of the page of this help
}

// SetHelping says on the page of this request for whom it is filled.
func SetHelping(c *fiber.Ctx, h Helping) { c.Locals(helpingKey, &h) }

// Menu is what the officers' menu leads to for some of them.
type Menu struct {
	Forms     bool // for editors
	Visits    bool // for who receives people
	Registers bool // for administrators
}

// Crumb is a step of the way to a page.
type Crumb struct {
	Path string
	Name Words
}

// ErrorLink is a line of the error summary: the html id of the field and what is wrong.
type ErrorLink struct {
	Path    string // another page's address, "" for this one
	Field   string
	Message Words
}

// Page is what every template gets. The handler fills the first part, Show the second.
type Page struct {
	Title   Words  // the h1, and the first part of the title
	Frame   Frame  // what stands around it
	Service Words  // the procedure's name, in a form's header and title
	Step    Words  // "Bước 2 trên 6 – …", above the h1
	Back    string // the true previous page, "" for none
	Crumbs  []Crumb
	Errors  []ErrorLink
	Print   bool  // made to be printed: no header, no footer
	Mark    Words // says that it is no page of the portal yet; it has no header and footer
	Of      Words // whose the thing of the page is, where it is not the person's own
	Menu    Menu
	Helping *Helping
	Linked  any // what machines read of it: JSON-LD in the words of schema.org
	Data    any // the page's own type

	Canonical string // whole address of a page that is the same for everybody

	Lang   locales.Lang
	Person *signin.Session
	Hat    Hat
	Path   string // path and query, for links to the same page in another language
	Site   *Site
	Demo   bool
	Now    time.Time
	Body   template.HTML // the page's own part, in the layout

	token func() string
}

// Langs are the languages of the switch.
func (p *Page) Langs() []locales.Lang { return locales.Langs }

// Alternates are the languages in which machines are told that the page is there: those that
// the program is translated into.
func (p *Page) Alternates() []locales.Lang { return []locales.Lang{locales.VI, locales.EN} }

// In is this page's address in another language.
func (p *Page) In(l locales.Lang) string {
	path, query, _ := strings.Cut(p.Path, "?")
	v, _ := url.ParseQuery(query)
	v.Set("lang", string(l))
	return path + "?" + v.Encode()
}

// longName is the longest name that a header has room for.
const longName = 28

// Who is the name in the header: of a long one the family name and the last.
func (p *Page) Who() string {
	words := strings.Fields(p.Person.Name)
	if utf8.RuneCountInString(p.Person.Name) <= longName || len(words) < 3 {
		return p.Person.Name
	}
	return words[0] + " … " + words[len(words)-1]
}

// SessionSeconds is how long the session lasts if nothing more is asked for.
func (p *Page) SessionSeconds() int {
	return int(min(signin.IdleTime, p.Person.EndsAt.Sub(p.Now)).Seconds())
}

// At says whether the page lies under that path, for the menu's mark.
func (p *Page) At(path string) bool {
	here, _, _ := strings.Cut(p.Path, "?")
	return here == path || strings.HasPrefix(here, path+"/")
}

// Quick says whether the header has the search field: not where the page itself has one.
func (p *Page) Quick() bool {
	here, _, _ := strings.Cut(p.Path, "?")
	return here != "/" && here != "/thu-tuc" && here != ""
}

// Form says whether the page stands in a form's frame.
func (p *Page) Form() bool { return p.Frame == FrameForm }

// Staff says whether it is an officers' page.
func (p *Page) Staff() bool { return p.Frame == FrameStaff }

// Faults are the lines of the error summary for a form's faults.
func Faults(faults eforms.Faults) []ErrorLink {
	links := make([]ErrorLink, len(faults))
	for i, f := range faults {
		links[i] = ErrorLink{Field: f.Field, Message: f.Message}
	}
	return links
}

// Show draws a page: template name is its file under assets/pages without .html. The
// answer is personal and not stored anywhere, unless Public drew it.
func (w *Web) Show(c *fiber.Ctx, status int, name string, p Page) error {
	var err error
	if p.Person, err = w.Session(c); err != nil && status < 400 {
		return err
	}
	p.Path = here(c)
	if p.Person != nil && w.Hats != nil && !p.Staff() && !p.Print && status < 500 {
		if p.Hat, err = w.Hats(c.UserContext(), p.Person.ID, p.Person.Acting); err != nil && status < 400 {
			return err
		}
	}
	if p.Helping == nil {
		p.Helping, _ = c.Locals(helpingKey).(*Helping)
	}
	p.token = sync.OnceValue(func() string { return w.formToken(c) })
	buf := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(buf)
	buf.Reset()
	if err := w.draw(c, buf, name, &p); err != nil {
		return err
	}
	return sendHTML(c, status, p.Lang, buf.Bytes())
}

// here is path and query of a request, also when its line had the whole address in it.
func here(c *fiber.Ctx) string {
	if q := c.Context().URI().QueryString(); len(q) > 0 {
		return c.Path() + "?" + string(q)
	}
	return c.Path()
}

// draw renders the page into its layout.
func (w *Web) draw(c *fiber.Ctx, buf *bytes.Buffer, name string, p *Page) error {
	p.Lang, p.Site, p.Demo, p.Now = w.Lang(c), w.Site(c.UserContext()), w.Demo, w.Now()
	set := w.templates[p.Lang]
	if err := set.ExecuteTemplate(buf, name, p); err != nil {
		return fmt.Errorf("page %s: %w", name, err)
	}
	p.Body = template.HTML(buf.String()) // our own template's output, escaped there
	buf.Reset()
	if err := set.ExecuteTemplate(buf, "layout", p); err != nil {
		return fmt.Errorf("layout of %s: %w", name, err)
	}
	return nil
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// compressFrom is the size above which compressing pays.
const compressFrom = 1024

func sendHTML(c *fiber.Ctx, status int, lang locales.Lang, html []byte) error {
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	c.Set(fiber.HeaderContentLanguage, string(lang))
	c.Vary(fiber.HeaderAcceptEncoding)
	c.Status(status)
	if len(html) < compressFrom || !c.Context().Request.Header.HasAcceptEncoding("gzip") {
		return c.Send(bytes.Clone(html)) // the buffer goes back to its pool before the answer is written
	}
	c.Set(fiber.HeaderContentEncoding, "gzip")
	return c.Send(fasthttp.AppendGzipBytesLevel(nil, html, fasthttp.CompressBestSpeed))
}
