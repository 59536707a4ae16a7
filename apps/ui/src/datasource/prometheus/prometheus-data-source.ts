import { narthex } from "../../api/narthex.ts";
import { prometheus } from "../../api/prometheus.ts";
import type { DataSource } from "../data-source.ts";

/** The Prometheus API of the server that serves this page. */
export const prometheusDataSource: DataSource = {
  id: "prometheus",
  name: "Prometheus",
  capabilities: {
    language: "promql",
    format: prometheus.formatQuery,
    parse: prometheus.parseQuery,
    exemplars: prometheus.exemplars,
    analyze: narthex.analyze,
  },
  query: prometheus.query,
  queryRange: prometheus.queryRange,
  labelValues: prometheus.labelValues,
  series: prometheus.series,
  metadata: prometheus.metadata,
};
