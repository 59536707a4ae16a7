// To add a kind of data source, add a folder with a class that implements DataSource and with a description of the
// kind, and add the kind to DATA_SOURCE_KINDS. The class answers queries with frames, and throws QueryFailure for
// queries that it cannot answer. For HTTP requests it uses SourceClient, in slots of the environment's desk. The
// description lists the requests that the proxy forwards, and the inputs of the forms that the pages show. Tests in
// e2e/src/dashboards compare its frames with those of Grafana's server.
import { alertmanager } from "./alertmanager/alertmanager-kind.ts";
import { clickhouse } from "./clickhouse/clickhouse-kind.ts";
import type { DataSource, DataSourceSettings } from "./data-source.ts";
import type { DataSourceKind } from "./data-source-kind.ts";
import { elasticsearch } from "./elasticsearch/elasticsearch-kind.ts";
import type { DataSourceEnvironment } from "./environment.ts";
import { grafana } from "./grafana/grafana-kind.ts";
import { infinity } from "./infinity/infinity-kind.ts";
import { graphite } from "./graphite/graphite-kind.ts";
import { influxdb } from "./influxdb/influxdb-kind.ts";
import { jaeger } from "./jaeger/jaeger-kind.ts";
import { loki } from "./loki/loki-kind.ts";
import { mixed } from "./mixed/mixed-kind.ts";
import { mysql } from "./mysql/mysql-kind.ts";
import { postgres } from "./postgres/postgres-kind.ts";
import { prometheus } from "./prometheus/prometheus-kind.ts";
import { pushgateway } from "./pushgateway/pushgateway-kind.ts";
import { QueryFailure } from "./query-failure.ts";
import { sqlite } from "./sqlite/sqlite-kind.ts";
import { tempo } from "./tempo/tempo-kind.ts";
import { testdata } from "./testdata/testdata-kind.ts";
import { UnavailableSource } from "./unavailable-source.ts";
import { zipkin } from "./zipkin/zipkin-kind.ts";

/** All kinds, in the order in which the UI offers them. */
export const DATA_SOURCE_KINDS: readonly DataSourceKind[] = [
  prometheus,
  alertmanager,
  pushgateway,
  loki,
  postgres,
  mysql,
  sqlite,
  clickhouse,
  elasticsearch,
  infinity,
  influxdb,
  graphite,
  tempo,
  jaeger,
  zipkin,
  testdata,
  grafana,
  mixed,
];

export const dataSourceKind = (type: string): DataSourceKind | undefined =>
  DATA_SOURCE_KINDS.find(({ types }) => types.includes(type));

/**
 * Opens a data source. If its type is unknown or its settings are invalid, returns a source that answers every query
 * with the reason.
 */
export function openDataSource(settings: DataSourceSettings, environment: DataSourceEnvironment): DataSource {
  const kind = dataSourceKind(settings.type) ?? environment.addedKind?.(settings.type);
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
