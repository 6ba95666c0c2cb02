{{- define "planback.name" -}}{{ printf "%s" .Release.Name | trunc 50 | trimSuffix "-" }}{{- end }}

{{- define "planback.labels" -}}
app.kubernetes.io/name: planback
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{/* (dict "root" . "part" "web") */}}
{{- define "planback.selector" -}}
app.kubernetes.io/name: planback
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .part }}
{{- end }}

{{- define "planback.serviceAccount" -}}
{{- if .Values.serviceAccount.create }}{{ default (include "planback.name" .) .Values.serviceAccount.name }}{{ else }}{{ default "default" .Values.serviceAccount.name }}{{ end }}
{{- end }}

{{- define "planback.podSecurity" -}}
runAsNonRoot: true
runAsUser: 1000
runAsGroup: 1000
fsGroup: 1000
fsGroupChangePolicy: OnRootMismatch
seccompProfile: { type: RuntimeDefault }
{{- end }}

{{- define "planback.container" -}}
image: "{{ .Values.image.repository }}:{{ default .Chart.AppVersion .Values.image.tag }}"
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: { drop: [ALL] }
{{- end }}

{{/* (dict "root" . "secret" NAME) */}}
{{- define "planback.environment" -}}
env:
{{- range $name, $value := .root.Values.config }}
{{- if ne (toString $value) "" }}
  - { name: {{ $name }}, value: {{ toString $value | quote }} }
{{- end }}
{{- end }}
envFrom:
  - secretRef: { name: {{ .secret }} }
{{- end }}

{{- define "planback.probes" -}}
startupProbe: { httpGet: { path: /livez, port: metrics }, periodSeconds: 3, failureThreshold: 40 }
livenessProbe: { httpGet: { path: /livez, port: metrics }, periodSeconds: 15, timeoutSeconds: 5, failureThreshold: 4 }
readinessProbe: { httpGet: { path: /readyz, port: metrics }, periodSeconds: 10, timeoutSeconds: 5 }
{{- end }}

{{/* (dict "root" . "temporary" LIMIT) */}}
{{- define "planback.volumes" -}}
- { name: tmp, emptyDir: { sizeLimit: {{ .temporary }} } }
- { name: cache, emptyDir: { sizeLimit: 256Mi } }
{{- if .root.Values.persistence.enabled }}
- { name: repository, persistentVolumeClaim: { claimName: {{ default (include "planback.name" .root) .root.Values.persistence.existingClaim }} } }
{{- end }}
{{- range .root.Values.files }}
- { name: file-{{ .name }}, secret: { secretName: {{ .secretName }} } }
{{- end }}
{{- end }}

{{- define "planback.mounts" -}}
- { name: tmp, mountPath: /tmp }
- { name: cache, mountPath: /app/.next/cache }
{{- if .Values.persistence.enabled }}
- { name: repository, mountPath: /var/lib/planback/repository }
{{- end }}
{{- range .Values.files }}
- { name: file-{{ .name }}, mountPath: /etc/planback/{{ .name }}, readOnly: true }
{{- end }}
{{- end }}

{{- define "planback.placement" -}}
{{- with .Values.imagePullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
