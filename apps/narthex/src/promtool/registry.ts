import { flagKinds } from "@narthex/runtime";
import type { CommandGroup } from "../command-line/command.ts";
import { checkConfig } from "./check-config.ts";
import { checkHealthy, checkReady } from "./check-health.ts";
import { checkMetrics } from "./check-metrics.ts";
import { checkRules } from "./check-rules.ts";
import { checkWebConfig } from "./check-web-config.ts";
import type { PromtoolContext } from "./command.ts";
import { promqlFormat } from "./promql-format.ts";
import { queryInstant } from "./query-instant.ts";
import { queryLabels, querySeries } from "./query-labels.ts";
import { queryRange } from "./query-range.ts";
import { testRules } from "./test-rules.ts";
import { tsdbCommands } from "./tsdb/commands.ts";

/** promtool's commands. Add one: a file beside these and a line here. */
export const promtoolCommands: CommandGroup<PromtoolContext> = {
  name: "promtool",
  help: "Tooling for the Prometheus monitoring system.",
  flags: {
    experimental: flagKinds.flag(false, "Enable experimental commands."),
    "enable-feature": flagKinds.list([], "Comma separated feature names to enable."),
  },
  commands: [
    {
      name: "check",
      help: "Check the resources for validity.",
      commands: [checkConfig, checkRules, checkMetrics, checkWebConfig, checkHealthy, checkReady],
    },
    {
      name: "query",
      help: "Run query against a Prometheus server.",
      commands: [queryInstant, queryRange, querySeries, queryLabels],
    },
    {
      name: "test",
      help: "Unit testing.",
      commands: [testRules],
    },
    tsdbCommands,
    {
      name: "promql",
      help: "PromQL formatting and editing. Requires the --experimental flag.",
      commands: [promqlFormat],
    },
  ],
};

/** Commands of promtool's that this build does not have; each says so and fails. */
export const UNAVAILABLE_COMMANDS: readonly string[] = [
  "check service-discovery",
  "query analyze",
  "debug",
  "push metrics",
  "promql label-matchers",
];
