import type { DataSourceKind } from "../data-source-kind.ts";
import { TestDataSource } from "./testdata-source.ts";

export const testdata: DataSourceKind = {
  types: ["grafana-testdata-datasource", "testdata"],
  name: "TestData",
  language: { valueFormat: "glob" },
  blankQuery: { scenarioId: "random_walk" },
  leastStepMs: 1,
  annotations: [],
  features: [],
  routes: [],
  defaults: {},
  settings: [],
  open: (settings, environment) => new TestDataSource(settings, environment),
};
