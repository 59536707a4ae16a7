{{/* A map, and what it does not have from another; takes own and defaults. (merge takes a false for what is not there.) */}}
{{- define "narthex.defaulted" -}}
{{- $all := deepCopy .own -}}
{{- range $key, $value := .defaults }}{{ if not (hasKey $all $key) }}{{ $_ := set $all $key $value }}{{ end }}{{ end -}}
{{- toYaml $all -}}
{{- end -}}

{{/* What pods of all roles have; takes root, values, and security: the pod's security context. */}}
{{- define "narthex.pod" -}}
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  {{- include "narthex.defaulted" (dict "own" .security "defaults" (dict "runAsNonRoot" true "seccompProfile" (dict "type" "RuntimeDefault"))) | nindent 2 }}
{{- with .values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.topologySpreadConstraints }}
topologySpreadConstraints:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* The metadata of pods; takes root, component, values. */}}
{{- define "narthex.podMetadata" -}}
labels:
  {{- include "narthex.labels" . | nindent 2 }}
  {{- with .values.podLabels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with .values.podAnnotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* What a container may do: nothing, unless values say otherwise. */}}
{{- define "narthex.containerSecurity" -}}
{{- include "narthex.defaulted" (dict "own" . "defaults" (dict "allowPrivilegeEscalation" false "readOnlyRootFilesystem" true "capabilities" (dict "drop" (list "ALL")))) -}}
{{- end -}}

{{/* Probes of a role that is ready soon; takes paths. */}}
{{- define "narthex.probes" -}}
startupProbe:
  httpGet:
    path: {{ .ready }}
    port: http
  periodSeconds: 2
  failureThreshold: 60
  timeoutSeconds: 3
readinessProbe:
  httpGet:
    path: {{ .ready }}
    port: http
  periodSeconds: 5
  failureThreshold: 3
  timeoutSeconds: 3
livenessProbe:
  httpGet:
    path: {{ .healthy }}
    port: http
  periodSeconds: 10
  failureThreshold: 6
  timeoutSeconds: 5
{{- end -}}

{{/* The spec of a claim; takes the values of a volume. */}}
{{- define "narthex.claim" -}}
accessModes:
  {{- toYaml .accessModes | nindent 2 }}
{{- with .storageClass }}
storageClassName: {{ ternary "" . (eq . "-") | quote }}
{{- end }}
resources:
  requests:
    storage: {{ .size }}
{{- end -}}

{{/* An Ingress whose hosts have paths; takes root, component, ingress, port. */}}
{{- define "narthex.ingress" -}}
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  {{- include "narthex.metadata" (dict "root" .root "component" .component "labels" .ingress.labels "annotations" .ingress.annotations) | nindent 2 }}
spec:
  {{- with .ingress.className }}
  ingressClassName: {{ . }}
  {{- end }}
  {{- with .ingress.tls }}
  tls:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  rules:
    {{- $name := printf "%s-%s" (include "narthex.fullname" .root) .component }}
    {{- $port := .port }}
    {{- range .ingress.hosts }}
    - host: {{ .host | quote }}
      http:
        paths:
          {{- range .paths }}
          - path: {{ .path }}
            pathType: {{ .pathType | default "Prefix" }}
            backend:
              service:
                name: {{ $name }}
                port:
                  number: {{ $port }}
          {{- end }}
    {{- end }}
{{- end -}}
