import type { DataSourceKind } from "../data-source-kind.ts";
import { httpForm } from "../outgoing/http-form.ts";
import { PUSHGATEWAY_ROUTES } from "../outgoing/proxy-routes.ts";
import { UnavailableSource } from "../unavailable-source.ts";

/** The kind of data sources for a Pushgateway. Dashboards can link to its pages, but it answers no queries. */
export const pushgateway: DataSourceKind = {
  types: ["narthex-pushgateway"],
  name: "Pushgateway",
  language: { valueFormat: "glob" },
  blankQuery: {},
  leastStepMs: 1,
  features: [],
  pages: "pushgateway",
  routes: PUSHGATEWAY_ROUTES,
  defaults: {},
  settings: httpForm("http://127.0.0.1:9091"),
  open: () => new UnavailableSource("A Pushgateway is not queried: ask the server that scrapes it."),
};
