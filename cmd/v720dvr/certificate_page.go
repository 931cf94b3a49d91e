package main

import (
	"html/template"
	"io"
)

// certificatePage is a certificate as a page to print: a file of its own, which loads nothing. The signed text stands in it as
// it is, for who verifies it.
var certificatePage = template.Must(template.New("certificate").Funcs(template.FuncMap{
	"percent": percent, "seconds": inSeconds, "tenths": tenths, "layout": func() string { return secondLayout },
}).Parse(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Coverage certificate: {{.Coverage.Name}}</title>
<style>
body { font: 11pt/1.45 system-ui, sans-serif; max-width: 50rem; margin: 2rem auto; padding: 0 1rem; color: #111; background: #fff }
h1 { font-size: 1.4rem } h2 { font-size: 1.1rem; margin-top: 2rem }
table { border-collapse: collapse; width: 100% } th, td { text-align: left; vertical-align: top; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid #ccc }
dl { display: grid; grid-template-columns: 8rem 1fr; gap: .25rem .75rem } dt { color: #555 } dd { margin: 0 }
.share { font-size: 2rem } .bad { color: #a00; font-weight: bold }
pre { white-space: pre-wrap; overflow-wrap: anywhere; font-size: 8pt; background: #f4f4f4; padding: .75rem }
tr { break-inside: avoid }
</style>
<h1>Coverage certificate</h1>
<p class="share">{{percent .Coverage.Share}} recorded</p>
<dl>
<dt>Camera<dd>{{.Coverage.Name}} ({{.Coverage.ID}})
<dt>From<dd>{{.Coverage.From.Format layout}}
<dt>To<dd>{{.Coverage.To.Format layout}}
<dt>Pictures<dd>{{.Coverage.Frames}}, of which {{.Coverage.Repaired}} were repaired on their way; {{.Coverage.Lost}} lost
<dt>Files<dd{{if not .Integrity.Holds}} class="bad"{{end}}>{{.FilesLine}}
<dt>Issued<dd>{{.Issued.Format layout}} by {{.Software}}
</dl>
{{range .Integrity.Findings}}<p class="bad">{{.What}}: {{.Path}} {{.Text}}</p>
{{end}}{{if .Reasons}}<h2>What is missing, by reason</h2>
<table><tr><th>Reason<th>Times<th>In all<th>Meaning
{{range .Reasons}}<tr><td>{{.Reason}}<td>{{.Gaps}}<td>{{seconds .Seconds}}<td>{{.Means}}
{{end}}</table>
<h2>Each gap</h2>
<table><tr><th>From<th>To<th>Length<th>Reason
{{range .Coverage.Gaps}}<tr><td>{{.From.Format layout}}<td>{{.To.Format layout}}<td>{{tenths .Seconds}}<td>{{.Reason}}
{{end}}</table>{{else}}<h2>No gaps</h2>{{end}}
<h2>What is signed</h2>
<p>v720dvr verify --files --key box.pem FILE holds this page against the box's public key.</p>
<pre id="signed">{{.Text}}` + signatureBegin + `
{{.Signature}}
` + signatureEnd + `
</pre>
</html>
`))

// FilesLine is for the page.
func (c *certificate) FilesLine() string { return c.integrity() }

func (c *certificate) printPage(w io.Writer) error { return certificatePage.Execute(w, c) }
