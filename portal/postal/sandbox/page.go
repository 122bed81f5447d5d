package sandbox

import (
	"html/template"
	"io"
	"slices"
)

func (s *Server) page(w io.Writer) {
	parcels := s.Parcels()
	slices.Reverse(parcels)
	_ = pageOf.Execute(w, map[string]any{"Parcels": parcels, "Fault": s.Fault().Mode, "Auto": s.o.Auto})
}

// Over says whether there is nothing more to report.
func (p Parcel) Over() bool { return p.over() }

// Next is what the button would report.
func (p Parcel) Next() string { return p.next().message }

var pageOf = template.Must(template.New("").Parse(`<!doctype html><html lang="vi"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Bưu chính mẫu</title>
<style>body{font:16px/1.5 sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}article{border-top:1px solid #767676;padding:1rem 0}
h2{font-size:1rem;margin:0}ol{margin:.5rem 0;padding-left:1.5rem}button{font:inherit;padding:.3rem .8rem}</style>
<h1>Bưu chính mẫu</h1>
<p>Hệ thống bưu chính đóng thế. Chế độ: {{.Fault}}.{{if .Auto}} Bưu gửi tự chuyển bước mỗi {{.Auto}}.{{end}}
<a href="/_sandbox/log">nhật ký</a> · <a href="/_sandbox/parcels">JSON</a></p>
{{if .Parcels}}<form method="post" action="/_sandbox/advance"><input type="hidden" name="page" value="1"><input type="hidden" name="number" value="all"><button>Chuyển bước tất cả</button></form>{{end}}
{{range .Parcels}}<article><h2>{{.OrderNumber}} · {{.ItemCode}}</h2>
<p>{{.SenderName}} → {{.ReceiverName}}, {{.ReceiverAddress}}, {{.ReceiverTel}}<br>{{.Description}}</p>
<ol>{{range .Events}}<li>{{.EventTime}} {{.StatusMessage}}</li>{{end}}</ol>
{{if not .Over}}<form method="post" action="/_sandbox/advance"><input type="hidden" name="page" value="1"><input type="hidden" name="number" value="{{.OrderNumber}}"><button>{{.Next}}</button>
<button name="code" value="5">Phát không được</button> <button name="code" value="6">Chuyển hoàn</button></form>{{end}}</article>
{{else}}<p>Chưa có bưu gửi nào.</p>{{end}}`))
