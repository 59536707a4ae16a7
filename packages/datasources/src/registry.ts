// To add a kind of data source, write a class that implements DataSource in its own folder, and add a line to
// DATA_SOURCE_KINDS. The class answers queries with frames, and throws QueryFailure for queries that it cannot answer.
// For HTTP requests it uses SourceClient, in slots of the environment's desk. List the requests that the proxy
// forwards, and the required roles, in `routes`. Tests in e2e/src/dashboards compare its frames with those of Grafana's
// server.
import type { JsonObject } from "@narthex/dashboards";
import { AlertmanagerSource } from "./alertmanager/alertmanager-source.ts";
import type { DataSource, DataSourceSettings } from "./data-source.ts";
import type { DataSourceEnvironment } from "./environment.ts";
import { GrafanaSource } from "./grafana/grafana-source.ts";
import { MixedSource } from "./mixed/mixed-source.ts";
import {
  ALERTMANAGER_ROUTES,
  PROMETHEUS_ROUTES,
  type ProxyRoute,
  PUSHGATEWAY_ROUTES,
} from "./outgoing/proxy-routes.ts";
import { PrometheusSource } from "./prometheus/prometheus-source.ts";
import { QueryFailure } from "./query-failure.ts";
import { TestDataSource } from "./testdata/testdata-source.ts";
import { UnavailableSource } from "./unavailable-source.ts";

export interface DataSourceKind {
  /** Plugin types of this kind. New sources of the kind get the first type. */
  readonly types: readonly string[];
  readonly name: string;
  /** Requests that the proxy forwards to the source's server. */
  readonly routes: readonly ProxyRoute[];
  /** Default values of jsonData. */
  readonly defaults: JsonObject;
  /** Opens a data source. Throws QueryFailure if the settings are invalid. */
  open(settings: DataSourceSettings, environment: DataSourceEnvironment): DataSource;
}

/** All kinds, in the order in which the UI offers them. */
export const DATA_SOURCE_KINDS: readonly DataSourceKind[] = [
  {
    types: ["prometheus", "grafana-amazonprometheus-datasource", "grafana-azureprometheus-datasource"],
    name: "Prometheus",
    routes: PROMETHEUS_ROUTES,
    defaults: { httpMethod: "POST", timeInterval: "15s", queryTimeout: "60s", incrementalQuerying: true },
    open: (settings, environment) => new PrometheusSource(settings, environment),
  },
  {
    types: ["alertmanager", "camptocamp-prometheus-alertmanager-datasource"],
    name: "Alertmanager",
    routes: ALERTMANAGER_ROUTES,
    defaults: { implementation: "prometheus" },
    open: (settings, environment) => new AlertmanagerSource(settings, environment),
  },
  {
    types: ["narthex-pushgateway"],
    name: "Pushgateway",
    routes: PUSHGATEWAY_ROUTES,
    defaults: {},
    open: () => new UnavailableSource("A Pushgateway is not queried: ask the server that scrapes it."),
  },
  {
    types: ["grafana-testdata-datasource", "testdata"],
    name: "TestData",
    routes: [],
    defaults: {},
    open: (settings, environment) => new TestDataSource(settings, environment),
  },
  {
    types: ["grafana", "-- Grafana --"],
    name: "-- Grafana --",
    routes: [],
    defaults: {},
    open: (settings, environment) => new GrafanaSource(settings, environment),
  },
  {
    types: ["mixed", "-- Mixed --"],
    name: "-- Mixed --",
    routes: [],
    defaults: {},
    open: () => new MixedSource(),
  },
];

export const dataSourceKind = (type: string): DataSourceKind | undefined =>
  DATA_SOURCE_KINDS.find(({ types }) => types.includes(type));

/**
 * Opens a data source. If its type is unknown or its settings are invalid, returns a source that answers every query
 * with the reason.
 */
export function openDataSource(settings: DataSourceSettings, environment: DataSourceEnvironment): DataSource {
  const kind = dataSourceKind(settings.type);
  if (kind === undefined) {
    const known = DATA_SOURCE_KINDS.map(({ types }) => types[0]).join(", ");
    return new UnavailableSource(
      `data source "${settings.name}" is of type "${settings.type}", which is not supported; supported are ${known}`,
    );
  }
  try {
    return kind.open({ ...settings, jsonData: { ...kind.defaults, ...settings.jsonData } }, environment);
  } catch (error) {
    if (error instanceof QueryFailure) return new UnavailableSource(error.message);
    throw error;
  }
}
