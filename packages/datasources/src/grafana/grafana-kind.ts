import type { DataSourceKind } from "../data-source-kind.ts";
import { GrafanaSource } from "./grafana-source.ts";

export const grafana: DataSourceKind = {
  types: ["grafana", "-- Grafana --"],
  name: "-- Grafana --",
  language: { valueFormat: "glob" },
  blankQuery: {},
  leastStepMs: 1,
  features: [],
  routes: [],
  defaults: {},
  settings: [],
  isBuiltIn: true,
  open: (settings, environment) => new GrafanaSource(settings, environment),
};
