{{- define "narthex.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/* Begins the names of all objects; short enough for what follows it. */}}
{{- define "narthex.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains (include "narthex.name" .) .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "narthex.name" .) | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "narthex.namespace" -}}
{{- .Values.forceNamespace | default .Release.Namespace -}}
{{- end -}}

{{/* Labels by which pods are found; takes root and component. */}}
{{- define "narthex.selector" -}}
app.kubernetes.io/name: {{ include "narthex.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{- define "narthex.labels" -}}
{{ include "narthex.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- with .root.Values.commonMetaLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* The metadata of an object; takes root, component, and name, labels, annotations as far as there are any. */}}
{{- define "narthex.metadata" -}}
name: {{ .name | default (printf "%s-%s" (include "narthex.fullname" .root) .component) }}
namespace: {{ include "narthex.namespace" .root }}
labels:
  {{- include "narthex.labels" . | nindent 2 }}
  {{- with .labels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with .annotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* Takes root and image. */}}
{{- define "narthex.image" -}}
{{- $name := .image.repository -}}
{{- with .image.registry }}{{ $name = printf "%s/%s" . (trimPrefix "localhost/" $name) }}{{ end -}}
{{- if .image.digest -}}
{{- printf "%s@%s" $name .image.digest -}}
{{- else -}}
{{- printf "%s:%s" $name (.image.tag | default .root.Chart.AppVersion) -}}
{{- end -}}
{{- end -}}

{{- define "narthex.serviceAccountName" -}}
{{- if .Values.serviceAccounts.server.create -}}
{{- .Values.serviceAccounts.server.name | default (printf "%s-server" (include "narthex.fullname" .)) -}}
{{- else -}}
{{- .Values.serviceAccounts.server.name | default "default" -}}
{{- end -}}
{{- end -}}
