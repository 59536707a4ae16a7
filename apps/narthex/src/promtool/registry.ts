import { checkConfig } from "./check-config.ts";
import { checkHealthy, checkReady } from "./check-health.ts";
import { checkMetrics } from "./check-metrics.ts";
import { checkRules } from "./check-rules.ts";
import { checkWebConfig } from "./check-web-config.ts";
import type { Command } from "./command.ts";
import { promqlFormat } from "./promql-format.ts";
import { queryInstant } from "./query-instant.ts";
import { queryLabels, querySeries } from "./query-labels.ts";
import { queryRange } from "./query-range.ts";
import { unavailable } from "./unavailable.ts";

/** promtool's commands. Add one: a file beside these and a line here. */
export const promtoolCommands: readonly Command[] = [
  checkConfig,
  checkRules,
  checkMetrics,
  checkWebConfig,
  checkHealthy,
  checkReady,
  unavailable("check service-discovery", "Perform service discovery for the given job name and report the results."),
  queryInstant,
  queryRange,
  querySeries,
  queryLabels,
  unavailable("query analyze", "Run queries against your Prometheus to analyze the usage pattern of certain metrics."),
  unavailable("debug pprof", "Fetch profiling debug information."),
  unavailable("debug metrics", "Fetch metrics debug information."),
  unavailable("debug all", "Fetch all debug information."),
  unavailable("push metrics", "Push metrics to a prometheus remote write."),
  unavailable("test rules", "Unit tests for rules."),
  unavailable("tsdb bench write", "Run a write performance benchmark."),
  unavailable("tsdb analyze", "Analyze churn, label pair cardinality and compaction efficiency."),
  unavailable("tsdb list", "List tsdb blocks."),
  unavailable("tsdb dump", "Dump data (series+samples or optionally just series) from a TSDB."),
  unavailable("tsdb dump-openmetrics", "Dump samples from a TSDB into OpenMetrics text format."),
  unavailable("tsdb create-blocks-from openmetrics", "Import samples from OpenMetrics input and produce TSDB blocks."),
  unavailable("tsdb create-blocks-from rules", "Create blocks of data for new recording rules."),
  promqlFormat,
  unavailable("promql label-matchers set", "Set a label matcher in the query."),
  unavailable("promql label-matchers delete", "Delete a label from the query."),
];
