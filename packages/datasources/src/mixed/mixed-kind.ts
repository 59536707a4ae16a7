import type { DataSourceKind } from "../data-source-kind.ts";
import { MixedSource } from "./mixed-source.ts";

export const mixed: DataSourceKind = {
  types: ["mixed", "-- Mixed --"],
  name: "-- Mixed --",
  language: { valueFormat: "glob" },
  blankQuery: {},
  leastStepMs: 1,
  features: [],
  routes: [],
  defaults: {},
  settings: [],
  isBuiltIn: true,
  open: () => new MixedSource(),
};
