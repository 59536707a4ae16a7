import type { SourceSetting } from "@narthex/dashboards";
import type { DataSourceKind } from "../data-source-kind.ts";
import { httpForm } from "../outgoing/http-form.ts";
import { TEMPO_ROUTES } from "../outgoing/proxy-routes.ts";
import { traceForm } from "../traces/trace-form.ts";
import { TempoSource } from "./tempo-source.ts";

const SETTINGS: readonly SourceSetting[] = [
  {
    path: ["jsonData", "serviceMap", "datasourceUid"],
    label: "Uid of the Prometheus data source with the metrics of the service graph",
    type: "text",
  },
];

export const tempo: DataSourceKind = {
  types: ["tempo"],
  name: "Tempo",
  language: {
    valueFormat: "traceql",
    hasExtras: true,
    fields: ["query", "filters", "serviceMapQuery"],
    plainFields: ["step"],
  },
  blankQuery: { query: "", queryType: "traceql", limit: 20, tableType: "traces" },
  leastStepMs: 1000,
  variables: {
    help: "label_names() or label_values(resource.service.name)",
    refId: "TempoDatasourceVariableQueryEditor-VariableQuery",
  },
  features: ["traces"],
  routes: TEMPO_ROUTES,
  defaults: {},
  settings: [...httpForm("http://127.0.0.1:3200"), ...traceForm(), ...SETTINGS],
  open: (settings, environment) => new TempoSource(settings, environment),
};
