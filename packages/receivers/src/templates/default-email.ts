const FONT = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";
/** Style that breaks long names and URLs anywhere instead of widening the page. */
const WRAP = "word-wrap:break-word;word-break:break-word;overflow-wrap:anywhere";
const TEXT = `${FONT};font-size:14px;line-height:21px;color:#24292f;${WRAP}`;
const MUTED = `${FONT};font-size:12px;line-height:18px;color:#6e7781;${WRAP}`;
const TABLE = 'role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"';
const FIXED = "table-layout:fixed;width:100%";

const RED = "#E6522C";
const GREEN = "#68B90F";

/**
 * CSS rules for dark colours. Mail programs that support these rules apply them if the user prefers dark colours. Other
 * mail programs use the inline styles.
 */
const DARK = `
<style>
:root { color-scheme: light dark; supported-color-schemes: light dark; }
@media (prefers-color-scheme: dark) {
  .page { background-color: #0d1117 !important; }
  .sheet { background-color: #161b22 !important; border-color: #30363d !important; }
  .alert { background-color: #1c2128 !important; }
  .text { color: #e6edf3 !important; }
  .muted { color: #9198a1 !important; }
  .rule { border-color: #30363d !important; }
  .link { color: #58a6ff !important; }
}
@media (max-width: 480px) {
  .margin { padding: 0 !important; }
  .inner { padding: 20px 16px !important; }
}
</style>`;

/** Returns the template for the rows of one alert, with a colour for its state. */
const alertRows = (name: string, colour: string, span: string): string => `
{{- define "${name}" -}}
{{ range . }}
<tr><td style="padding:0 0 12px">
<table ${TABLE} style="${FIXED}"><tr><td class="alert text" style="padding:12px 14px;background-color:#f6f8fa;border-left:4px solid ${colour};border-radius:3px;${TEXT}">
<strong>Labels</strong><br>
{{ range .Labels.SortedPairs }}{{ .Name }} = {{ .Value }}<br>
{{ end }}{{ if gt (len .Annotations) 0 }}<div style="height:8px;line-height:8px;font-size:8px">&nbsp;</div><strong>Annotations</strong><br>
{{ range .Annotations.SortedPairs }}{{ .Name }} = {{ .Value }}<br>
{{ end }}{{ end }}<div class="muted" style="padding-top:8px;${MUTED}">${span}{{ if .GeneratorURL }} &middot; <a class="link" href="{{ .GeneratorURL }}" style="color:#0969da;font-size:14px">Source</a>{{ end }}</div>{{ with .Acknowledgement }}
<div style="padding-top:8px">{{ template "__acknowledgement" . }}</div>{{ end }}
</td></tr></table>
</td></tr>
{{ end }}
{{- end -}}
`;

const since = `Since {{ .StartsAt.UTC.Format "2006-01-02 15:04:05 MST" }}`;
const until = `{{ .StartsAt.UTC.Format "2006-01-02 15:04:05" }} to {{ .EndsAt.UTC.Format "2006-01-02 15:04:05 MST" }}`;

const banner = (colour: string, ink: string): string =>
  `<td align="center" style="padding:18px 20px;background-color:${colour};color:${ink};${FONT};font-size:19px;line-height:26px;font-weight:600;border-radius:5px 5px 0 0;${WRAP}">`;

const heading = (list: string, word: string): string =>
  `<tr><td class="text" style="padding:0 0 10px;${TEXT};font-size:16px"><strong>[{{ len ${list} }}] ${word}</strong></td></tr>`;

/**
 * Templates of the HTML mail: a coloured banner, a button, the alerts, and a footer. Its layout uses tables and inline
 * styles, because mail programs need them.
 */
export const DEFAULT_EMAIL = `
${alertRows("__email_firing", RED, since)}
${alertRows("__email_resolved", GREEN, until)}
{{- define "email.default.html" -}}
<!DOCTYPE html>
<html lang="en">
<head>
<meta http-equiv="Content-Type" content="text/html; charset=UTF-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>{{ template "__subject" . }}</title>${DARK}
</head>
<body class="page" style="margin:0;padding:0;background-color:#eef0f2;${TEXT}">
<table class="page" ${TABLE} style="${FIXED};background-color:#eef0f2"><tr><td class="margin" align="center" style="padding:24px 12px">
<table class="sheet" ${TABLE} style="${FIXED};max-width:640px;background-color:#fff;border:1px solid #d8dee4;border-radius:6px">
<tr>
{{ if gt (len .Alerts.Firing) 0 -}}
${banner(RED, "#fff")}
{{- else -}}
${banner(GREEN, "#0f2400")}
{{- end }}
{{ len .Alerts }} alert{{ if ne (len .Alerts) 1 }}s{{ end }}{{ if gt (len .GroupLabels) 0 }} for {{ range .GroupLabels.SortedPairs }}<span style="display:inline-block;max-width:100%">{{ .Name }}={{ .Value }}</span> {{ end }}{{ end }}
</td>
</tr>
<tr><td class="inner" style="padding:24px">
<table ${TABLE} style="${FIXED}">
<tr><td style="padding:0 0 22px">
<a href="{{ template "__alertmanagerURL" . }}" style="display:inline-block;padding:10px 18px;background-color:#1f6feb;color:#fff;text-decoration:none;font-weight:600;border-radius:5px;${FONT};font-size:14px;line-height:20px">View in {{ template "__alertmanager" . }}</a>
</td></tr>
{{ if gt (len .Alerts.Firing) 0 -}}
${heading(".Alerts.Firing", "Firing")}
{{ template "__email_firing" .Alerts.Firing }}
{{- end }}
{{ if gt (len .Alerts.Resolved) 0 -}}
{{ if gt (len .Alerts.Firing) 0 -}}
<tr><td style="padding:8px 0 20px"><hr class="rule" style="border:0;border-top:1px solid #d8dee4;margin:0"></td></tr>
{{- end }}
${heading(".Alerts.Resolved", "Resolved")}
{{ template "__email_resolved" .Alerts.Resolved }}
{{- end }}
</table>
</td></tr>
</table>
<p style="margin:16px 0;${FONT};font-size:12px;line-height:18px"><a class="muted" href="{{ .ExternalURL }}" style="color:#6e7781">Sent by {{ template "__alertmanager" . }}</a></p>
</td></tr></table>
</body>
</html>
{{- end -}}
`;
