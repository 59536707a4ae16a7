import type { DataSourceKind } from "../data-source-kind.ts";
import { httpForm } from "../outgoing/http-form.ts";
import { JAEGER_ROUTES } from "../outgoing/proxy-routes.ts";
import { traceForm } from "../traces/trace-form.ts";
import { JaegerSource } from "./jaeger-source.ts";

export const jaeger: DataSourceKind = {
  types: ["jaeger"],
  name: "Jaeger",
  language: { valueFormat: "traceql", hasExtras: true, fields: ["tags"] },
  blankQuery: { query: "", queryType: "search", limit: 20 },
  leastStepMs: 1000,
  features: ["traces"],
  routes: JAEGER_ROUTES,
  defaults: {},
  settings: [...httpForm("http://127.0.0.1:16686"), ...traceForm()],
  open: (settings, environment) => new JaegerSource(settings, environment),
};
