/** Everyday queries over the data of query-data.ts. */
export const QUERY_SET: readonly string[] = [
  "sum by (job) (rate(http_requests_total[5m]))",
  'sum(rate(http_requests_total{code=~"5.."}[5m])) / sum(rate(http_requests_total[5m]))',
  "histogram_quantile(0.99, sum by (le, job) (rate(http_request_duration_seconds_bucket[5m])))",
  "topk(5, sum by (path) (rate(http_requests_total[5m])))",
  '100 - avg by (instance) (rate(node_cpu_seconds_total{mode="idle"}[5m])) * 100',
  "node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes",
  "avg_over_time(node_load1[1h])",
  "max_over_time(node_load1[10m])",
  "quantile_over_time(0.95, node_load1[30m])",
  'sum by (path, code) (increase(http_requests_total{job="api"}[1h]))',
  "sum by (job) (http_requests_in_flight)",
  "count by (job) (up == 0) or vector(0)",
  "max_over_time(sum(rate(http_requests_total[5m]))[30m:1m])",
  "rate(process_cpu_seconds_total[5m])",
  "http_requests_in_flight * on (instance) group_left (nodename) node_uname_info",
  "sum by (instance) (irate(node_network_receive_bytes_total[5m]))",
  "deriv(node_filesystem_avail_bytes[1h])",
  "predict_linear(node_filesystem_avail_bytes[1h], 14400) < 0",
  "changes(process_start_time_seconds[1h])",
  "stddev by (instance) (rate(node_cpu_seconds_total[5m]))",
  'histogram_quantile(0.9, sum by (le) (rate(http_request_duration_seconds_bucket{job="api"}[10m])))',
  "sum(rate(http_requests_total[5m])) - sum(rate(http_requests_total[5m] offset 1h))",
  'label_replace(sum by (instance) (node_load1), "host", "$1", "instance", "(.*):.*")',
  "sum by (job) (sum_over_time(http_requests_in_flight[5m])) / sum by (job) (count_over_time(http_requests_in_flight[5m]))",
];

export interface QueryWindow {
  readonly name: string;
  readonly rangeMs: number;
  readonly stepMs: number;
}

const HOUR = 3_600_000;

export const QUERY_WINDOWS: readonly QueryWindow[] = [
  { name: "1 h at 15 s", rangeMs: HOUR, stepMs: 15_000 },
  { name: "6 h at 60 s", rangeMs: 6 * HOUR, stepMs: 60_000 },
  { name: "24 h at 300 s", rangeMs: 24 * HOUR, stepMs: 300_000 },
];
