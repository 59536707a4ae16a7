import type { DataSourceKind } from "../data-source-kind.ts";
import { httpForm } from "../outgoing/http-form.ts";
import { ZIPKIN_ROUTES } from "../outgoing/proxy-routes.ts";
import { traceForm } from "../traces/trace-form.ts";
import { ZipkinSource } from "./zipkin-source.ts";

export const zipkin: DataSourceKind = {
  types: ["zipkin"],
  name: "Zipkin",
  language: { valueFormat: "glob", hasExtras: true, fields: [] },
  blankQuery: { query: "", queryType: "traceID" },
  leastStepMs: 1000,
  features: ["traces"],
  routes: ZIPKIN_ROUTES,
  defaults: {},
  settings: [...httpForm("http://127.0.0.1:9411"), ...traceForm()],
  open: (settings, environment) => new ZipkinSource(settings, environment),
};
