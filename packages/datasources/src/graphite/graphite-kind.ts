import type { DataSourceKind } from "../data-source-kind.ts";
import { httpForm } from "../outgoing/http-form.ts";
import { GraphiteSource } from "./graphite-source.ts";

export const graphite: DataSourceKind = {
  types: ["graphite"],
  name: "Graphite",
  language: {
    valueFormat: "glob",
    hasExtras: true,
    fields: ["target", "targetFull", "tags"],
    references: { field: "target", fullField: "targetFull" },
  },
  blankQuery: { target: "", textEditor: true },
  leastStepMs: 1,
  variables: {
    help: "a path with wildcards such as servers.*, expand(servers.*.cpu), tags(env=prod) or tag_values(host, env=prod)",
  },
  annotations: [
    { path: ["target"], label: "Query", type: "query", placeholder: "drawAsInfinite(deploys.*)" },
    { path: ["tags"], label: "Tags of events, if there is no query", type: "text", placeholder: "deploy" },
  ],
  features: [],
  routes: [],
  defaults: { graphiteVersion: "1.1" },
  settings: [
    ...httpForm("http://127.0.0.1:8080"),
    { path: ["jsonData", "graphiteVersion"], label: "Version", type: "choice", choices: ["0.9", "1.0", "1.1"] },
  ],
  open: (settings, environment) => new GraphiteSource(settings, environment),
};
