import type { DataSourceKind } from "../data-source-kind.ts";
import { httpForm } from "../outgoing/http-form.ts";
import { ALERTMANAGER_ROUTES } from "../outgoing/proxy-routes.ts";
import { AlertmanagerSource } from "./alertmanager-source.ts";

export const alertmanager: DataSourceKind = {
  types: ["alertmanager", "camptocamp-prometheus-alertmanager-datasource"],
  name: "Alertmanager",
  language: { valueFormat: "glob" },
  blankQuery: { queryType: "alerts" },
  leastStepMs: 1,
  variables: { help: "label_values(label)" },
  annotations: [
    { path: ["titleFormat"], label: "Title", type: "text", placeholder: "{{alertname}}" },
    { path: ["textFormat"], label: "Text", type: "text", placeholder: "{{instance}}" },
    { path: ["tagKeys"], label: "Labels that become tags", type: "text", placeholder: "job,instance" },
  ],
  features: ["alerts"],
  pages: "alertmanager",
  routes: ALERTMANAGER_ROUTES,
  defaults: { implementation: "prometheus" },
  settings: [
    ...httpForm("http://127.0.0.1:9093"),
    {
      path: ["jsonData", "implementation"],
      label: "Implementation",
      type: "choice",
      choices: ["prometheus", "mimir", "cortex"],
    },
  ],
  open: (settings, environment) => new AlertmanagerSource(settings, environment),
};
