{{/* prometheus.yml: that of serverFiles, with the sections that have values of their own. */}}
{{- define "narthex.configuration" -}}
{{- $server := .Values.server -}}
{{- $config := deepCopy (index .Values.serverFiles "prometheus.yml") -}}
{{- $_ := set $config "global" (include "narthex.defaulted" (dict "own" (get $config "global" | default dict) "defaults" $server.global) | fromYaml) -}}
{{- with $server.remoteWrite }}{{ $_ := set $config "remote_write" . }}{{ end -}}
{{- with $server.remoteRead }}{{ $_ := set $config "remote_read" . }}{{ end -}}
{{- with $server.kubernetesMonitors }}{{ $_ := set $config "kubernetes_monitor_configs" . }}{{ end -}}
{{- with $server.otlp }}{{ $_ := set $config "otlp" . }}{{ end -}}
{{- $storage := deepCopy (get $config "storage" | default dict) -}}
{{- with $server.tsdb }}{{ $_ := set $storage "tsdb" . }}{{ end -}}
{{- with $server.exemplars }}{{ $_ := set $storage "exemplars" . }}{{ end -}}
{{- if $storage }}{{ $_ := set $config "storage" $storage }}{{ end -}}
{{- $jobs := list -}}
{{- range $name, $job := .Values.scrapeConfigs -}}
{{- if ne (toString (get $job "enabled")) "false" -}}
{{- $jobs = append $jobs (set (omit $job "enabled") "job_name" (get $job "job_name" | default $name)) -}}
{{- end -}}
{{- end -}}
{{- $jobs = concat $jobs (get $config "scrape_configs" | default list) -}}
{{- with .Values.extraScrapeConfigs }}{{ $jobs = concat $jobs (fromYamlArray (tpl . $)) }}{{ end -}}
{{- $_ := set $config "scrape_configs" $jobs -}}
{{- if or .Values.alertmanager.enabled $server.alertmanagers -}}
{{- $alerting := deepCopy .Values.alertRelabelConfigs -}}
{{- $found := include "narthex.alertmanagers" . | fromYamlArray -}}
{{- $_ := set $alerting "alertmanagers" ($server.alertmanagers | default $found) -}}
{{- $_ := set $config "alerting" $alerting -}}
{{- end -}}
{{- toYaml $config -}}
{{- end -}}

{{/* The pods of this chart's Alertmanager. */}}
{{- define "narthex.alertmanagers" -}}
- kubernetes_sd_configs:
    - role: endpointslice
      namespaces:
        names: [{{ include "narthex.namespace" . }}]
  relabel_configs:
    - source_labels: [__meta_kubernetes_service_name, __meta_kubernetes_endpointslice_port_name]
      action: keep
      regex: {{ include "narthex.fullname" . }}-alertmanager-headless;http
  {{- with .Values.alertmanager.baseURL }}
  path_prefix: {{ (urlParse .).path | default "/" }}
  {{- end }}
{{- end -}}

{{/* Rules as a file has them: of a map of lists each list is a group. */}}
{{- define "narthex.rules" -}}
{{- if or (empty .) .groups -}}
{{- toYaml (. | default dict) -}}
{{- else -}}
groups:
{{- range $name, $rules := . }}
  - name: {{ $name }}.rules
    rules:
      {{- toYaml $rules | nindent 6 }}
{{- end }}
{{- end -}}
{{- end -}}
