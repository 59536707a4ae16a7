import type { CommandGroup } from "../command-line/command.ts";
import { analyzeAlerts } from "./analyze-alerts.ts";
import { queryFlags } from "./api-call.ts";
import { backtestRules } from "./backtest/backtest-rules.ts";
import { backtestFixture } from "./fixture/backtest-fixture.ts";
import { checkCommands } from "./check-commands.ts";
import type { PromtoolContext } from "./command.ts";
import { debugCommands } from "./debug/debug-commands.ts";
import { labelMatchersDelete, labelMatchersSet } from "./label-matchers.ts";
import { promqlFormat } from "./promql-format.ts";
import { pushFlags, pushMetrics } from "./push/push-metrics.ts";
import { queryAnalyze } from "./query-analyze.ts";
import { queryInstant } from "./query-instant.ts";
import { queryLabels, querySeries } from "./query-labels.ts";
import { queryRange } from "./query-range.ts";
import { promtoolRoot } from "./root.ts";
import { sloCommands } from "./slo/slo-commands.ts";
import { junitFlag, testRules } from "./test-rules.ts";
import { tsdbCommands } from "./tsdb/commands.ts";

/** promtool's commands. To add one, create a file in this folder and add a line here. */
export const promtoolCommands: CommandGroup<PromtoolContext> = promtoolRoot([
  checkCommands,
  {
    name: "query",
    help: "Run query against a Prometheus server.",
    flags: queryFlags,
    commands: [queryInstant, queryRange, querySeries, queryLabels, queryAnalyze],
  },
  debugCommands,
  {
    name: "push",
    help: "Push to a Prometheus server.",
    flags: pushFlags,
    commands: [pushMetrics],
  },
  {
    name: "test",
    help: "Unit testing.",
    flags: junitFlag,
    commands: [testRules],
  },
  {
    name: "backtest",
    help: "Evaluate rules over stored samples. (Narthex only.)",
    commands: [backtestRules, backtestFixture],
  },
  sloCommands,
  {
    name: "analyze",
    help: "Reports about the past of a server. (Narthex only.)",
    commands: [analyzeAlerts],
  },
  tsdbCommands,
  {
    name: "promql",
    help: "PromQL formatting and editing. Requires the --experimental flag.",
    commands: [
      promqlFormat,
      {
        name: "label-matchers",
        help: "Edit label matchers contained within an existing PromQL query.",
        commands: [labelMatchersSet, labelMatchersDelete],
      },
    ],
  },
]);
