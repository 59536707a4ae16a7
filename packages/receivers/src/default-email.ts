const CELL = "font-family:Helvetica,Arial,sans-serif;font-size:14px;color:#333";

/** The HTML mail: a coloured banner, a button, the alerts, a footer. Table layout and inline styles, for mail programs. */
export const DEFAULT_EMAIL = `
{{- define "__email_alerts" -}}
{{ range . }}
<tr><td style="padding:0 0 20px;${CELL}">
<strong>Labels</strong><br>
{{ range .Labels.SortedPairs }}{{ .Name }} = {{ .Value }}<br>
{{ end }}{{ if gt (len .Annotations) 0 }}<strong>Annotations</strong><br>
{{ range .Annotations.SortedPairs }}{{ .Name }} = {{ .Value }}<br>
{{ end }}{{ end }}<a href="{{ .GeneratorURL }}" style="color:#348eda">Source</a><br>
</td></tr>
{{ end }}
{{- end -}}

{{- define "email.default.html" -}}
<!DOCTYPE html>
<html lang="en">
<head>
<meta http-equiv="Content-Type" content="text/html; charset=UTF-8">
<meta name="viewport" content="width=device-width">
<title>{{ template "__subject" . }}</title>
</head>
<body style="margin:0;background-color:#f6f6f6;${CELL}">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="background-color:#f6f6f6"><tr><td align="center" style="padding:20px">
<table role="presentation" width="600" cellpadding="0" cellspacing="0" style="max-width:600px;background-color:#fff;border:1px solid #e9e9e9;border-radius:3px">
<tr>
{{ if gt (len .Alerts.Firing) 0 -}}
<td align="center" style="padding:20px;background-color:#E6522C;color:#fff;font-family:Helvetica,Arial,sans-serif;font-size:16px;font-weight:500;border-radius:3px 3px 0 0">
{{- else -}}
<td align="center" style="padding:20px;background-color:#68B90F;color:#fff;font-family:Helvetica,Arial,sans-serif;font-size:16px;font-weight:500;border-radius:3px 3px 0 0">
{{- end }}
{{ len .Alerts }} alert{{ if gt (len .Alerts) 1 }}s{{ end }} for {{ range .GroupLabels.SortedPairs }}{{ .Name }}={{ .Value }} {{ end }}
</td>
</tr>
<tr><td style="padding:30px">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0">
<tr><td style="padding:0 0 20px">
<a href="{{ template "__alertmanagerURL" . }}" style="display:inline-block;padding:10px 20px;background-color:#348eda;color:#fff;text-decoration:none;font-weight:bold;border-radius:5px;font-family:Helvetica,Arial,sans-serif;font-size:14px">View in {{ template "__alertmanager" . }}</a>
</td></tr>
{{ if gt (len .Alerts.Firing) 0 -}}
<tr><td style="padding:0 0 20px;${CELL}"><strong>[{{ len .Alerts.Firing }}] Firing</strong></td></tr>
{{ template "__email_alerts" .Alerts.Firing }}
{{- end }}
{{ if gt (len .Alerts.Resolved) 0 -}}
{{ if gt (len .Alerts.Firing) 0 -}}
<tr><td style="padding:0 0 20px"><hr style="border:0;border-top:1px solid #e9e9e9"></td></tr>
{{- end }}
<tr><td style="padding:0 0 20px;${CELL}"><strong>[{{ len .Alerts.Resolved }}] Resolved</strong></td></tr>
{{ template "__email_alerts" .Alerts.Resolved }}
{{- end }}
</table>
</td></tr>
</table>
<p style="font-family:Helvetica,Arial,sans-serif;font-size:12px"><a href="{{ .ExternalURL }}" style="color:#999">Sent by {{ template "__alertmanager" . }}</a></p>
</td></tr></table>
</body>
</html>
{{- end -}}
`;
