package staff

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"motcua/eforms/edit"
	"motcua/locales"
	"motcua/portal/catalogue"
	"motcua/portal/once"
	"motcua/portal/problem"
	"motcua/portal/web"
)

// publishFields are where on the page a fault of publishing lies.
var publishFields = map[string]string{"catalogue.edit.no_note": "ghi-chu", "catalogue.edit.past": "ngay"}

func (h *Pages) publish(c *fiber.Ctx) error {
	by, body, err := h.sent(c)
	if err != nil {
		return err
	}
	p := publishPage{Note: body.Get("ghi-chu"), Day: body.Get("ngay"), Hour: body.Get("gio"), Later: body.Get("luc") == "sau"}
	how := catalogue.Publishing{Note: p.Note}
	how.Version, _ = strconv.Atoi(body.Get("ban"))
	if p.Later {
		if how.From, err = instant(p.Day, p.Hour); err != nil {
			return h.showPublish(c, by, fiber.StatusUnprocessableEntity, p, []edit.Fault{{Field: "ngay", Message: locales.M("builder.fault.instant")}})
		}
	}
	_, err = h.Catalogue.PublishEdit(c.UserContext(), by, c.Params("id"), how)
	var fault *problem.Error
	if errors.As(err, &fault) && fault.Kind == problem.Invalid {
		field := publishFields[fault.Message.Key]
		return h.showPublish(c, by, fiber.StatusUnprocessableEntity, p, []edit.Fault{{Field: field, Message: fault.Message}})
	}
	return h.answer(c, by, err, builderAt+"/"+c.Params("id"))
}

// instant reads a day and a time of day as people write them here.
func instant(day, hour string) (time.Time, error) {
	if strings.TrimSpace(hour) == "" {
		hour = "0:00"
	}
	return time.ParseInLocation("2/1/2006 15:04", strings.TrimSpace(day)+" "+strings.TrimSpace(hour), locales.ICT)
}

// export is the definition as a file: the bytes that are kept.
func (h *Pages) export(c *fiber.Ctx) error {
	by, err := h.editor(c)
	if err != nil {
		return err
	}
	e, err := h.Catalogue.FormEdit(c.UserContext(), by.Officer, c.Params("id"))
	if err != nil {
		return err
	}
	return h.Send(c, web.Download{Name: e.Code + ".json", Media: "application/json", Size: int64(len(e.Definition))}, bytes.NewReader([]byte(e.Definition)))
}

// importFile takes a definition in the place of the edit's. References to presets are put
// in; else the bytes stay as they are.
func (h *Pages) importFile(c *fiber.Ctx) error {
	by, err := h.editor(c)
	if err != nil {
		return err
	}
	parts, err := h.Parts(c)
	if err != nil {
		return err
	}
	by.Key = h.Key(c, by.Key.Person)
	file, err := parts.Next()
	if errors.Is(err, io.EOF) {
		return h.showImport(c, by, locales.M("builder.fault.no_file"))
	}
	if err != nil {
		return err
	}
	data, err := io.ReadAll(io.LimitReader(file, maxDefinition+1))
	if err != nil {
		return err
	}
	if len(data) > maxDefinition {
		return problem.New(problem.TooLarge, "web.too_large")
	}
	by.Key = mixed(by.Key, data)
	data, err = h.Catalogue.Expanded(data)
	if err != nil {
		return h.showImport(c, by, locales.M("builder.fault.json", locales.S("why", err.Error())))
	}
	version, _ := strconv.Atoi(parts.Values.Get("ban"))
	base, err := h.Catalogue.FormAt(c.UserContext(), by.Officer, c.Params("id"), version)
	if err != nil {
		return err
	}
	_, err = h.Catalogue.SaveEdit(c.UserContext(), by, c.Params("id"), version, catalogue.Change{Definition: data, Deed: "import"})
	if o, overtaken := errors.AsType[*catalogue.Overtaken](err); overtaken {
		err = &collision{o, base, string(data)}
	}
	return h.answer(c, by, err, builderAt+"/"+c.Params("id"))
}

// maxDefinition is the most that a definition may have.
const maxDefinition = 2 << 20

// showImport is the tree again, with why the file was not taken.
func (h *Pages) showImport(c *fiber.Ctx, by catalogue.Editing, why locales.Message) error {
	w, err := h.work(c, by, "")
	if err != nil {
		return err
	}
	return h.showOutline(c, fiber.StatusUnprocessableEntity, w, []edit.Fault{{Field: "tep", Message: why}})
}

// mixed is a one-time key that also covers the file's bytes.
func mixed(key once.Key, data []byte) once.Key {
	key.Body = sha256.Sum256(append(key.Body[:], data...))
	return key
}
