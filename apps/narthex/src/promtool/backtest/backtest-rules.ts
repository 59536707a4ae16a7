import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import {
  type Backtest,
  type BacktestAlertmanager,
  type BacktestDifferences,
  backtestReport,
  compareBacktests,
  countDifferences,
  type ReplayedGroup,
  runBacktest,
  TooManyAlertsError,
  TooManyRecordedError,
} from "@narthex/backtest";
import { createEngine } from "@narthex/promql";
import type { Host } from "@narthex/runtime";
import { type PromtoolContext, promtoolCommand } from "../command.ts";
import { junitXml } from "../junit.ts";
import { EXIT_FAILURE, EXIT_LINT, EXIT_OK } from "../lint-settings.ts";
import { ServerError } from "../server-client.ts";
import { readAlertmanager } from "./alertmanager-settings.ts";
import { BacktestError } from "./backtest-error.ts";
import { type BacktestFlags, backtestFlags } from "./backtest-flags.ts";
import { groupsOf, type Range, rangeOf } from "./backtest-inputs.ts";
import { differenceLines, differencesText, signed } from "./differences-text.ts";
import { notificationsText } from "./notifications-text.ts";
import { type History, openHistory } from "./open-history.ts";
import { rulesText } from "./rules-text.ts";
import { readServerSettings, type ServerSettings } from "./server-settings.ts";

export const backtestRules = promtoolCommand({
  name: "rules",
  help: "Evaluate rules over stored samples, and report when alerts would have been pending, firing and resolved, and notified. (Narthex only.)",
  required: ["from"],
  flags: backtestFlags,
  operands: [{ name: "rule-files", required: true, many: true, file: true }],
  async run({ flags: values, operands, ...context }) {
    const { host } = context;
    try {
      const range = rangeOf(host, values.from, values.to);
      const server = await readServerSettings(host, values);
      const alertmanager = await readAlertmanager(host, values, server);
      const groups = await groupsOf(context, operands, values["behaviour-files"], server);
      const before =
        values.against.length === 0
          ? undefined
          : await groupsOf(context, values.against, values["against.behaviour-files"], server);
      await using history = await openHistory(host, values, server.externalLabels);
      const settings = { ...range, server, alertmanager, values };
      const result = await backtest(context, groups, history, settings);
      const differences =
        before === undefined ? undefined : compareBacktests(await backtest(context, before, history, settings), result);
      print(host, result, differences, values);
      return statusOf(result, differences, history);
    } catch (cause) {
      if (!EXPECTED.some((kind) => cause instanceof kind)) throw cause;
      host.stderr(`${(cause as Error).message}\n`);
      return EXIT_FAILURE;
    }
  },
});

/** Errors whose message is the whole report. */
const EXPECTED = [ServerError, TooManyRecordedError, TooManyAlertsError, BacktestError];

interface Settings extends Range {
  readonly server: ServerSettings;
  readonly alertmanager: BacktestAlertmanager | undefined;
  readonly values: BacktestFlags;
}

const backtest = (
  { host, features }: Omit<PromtoolContext, "stdin">,
  groups: readonly ReplayedGroup[],
  { queryable, signal }: History,
  { fromMs, toMs, server, alertmanager, values }: Settings,
): Promise<Backtest> =>
  runBacktest(
    {
      fromMs,
      toMs,
      groups,
      history: queryable,
      clock: host.clock,
      engine: createEngine({
        clock: host.clock,
        features,
        lookbackMs: values["query.lookback-delta"],
        defaultEvalIntervalMs: server.intervalMs,
      }),
      parser: features,
      externalLabels: server.externalLabels,
      externalUrl: values["external.url"],
      signal,
    },
    alertmanager,
  );

function print(
  host: Host,
  result: Backtest,
  differences: BacktestDifferences | undefined,
  { format, junit }: BacktestFlags,
): void {
  const { rules, notifications, toMs } = result;
  if (format === "json") host.stdout(`${JSON.stringify(backtestReport(result, differences), null, 2)}\n`);
  else {
    host.stdout(rulesText(rules, toMs));
    if (notifications !== undefined) host.stdout(notificationsText(notifications));
    if (differences !== undefined) host.stdout(differencesText(differences));
  }
  if (junit !== "") writeFileSync(resolve(host.cwd, junit), junitXml(suitesOf(result, differences)));
}

function suitesOf({ rules }: Backtest, differences: BacktestDifferences | undefined) {
  const suites = [...Map.groupBy(rules, ({ group }) => group.file)].map(([file, list]) => ({
    file,
    cases: list.map(({ group, spec, failures }) => ({
      name: `${group.spec.name}: ${spec.name}`,
      failures: failures === undefined ? [] : [`${failures.count} evaluations failed: ${failures.message}`],
    })),
  }));
  if (differences === undefined) return suites;
  const cases = differenceLines(differences).map((lines) => ({ name: lines.noun, failures: signed(lines) }));
  return [...suites, { file: "--against", cases }];
}

function statusOf({ rules }: Backtest, differences: BacktestDifferences | undefined, history: History): number {
  if (history.problems.length > 0 || rules.some(({ failures }) => failures !== undefined)) return EXIT_FAILURE;
  return differences !== undefined && countDifferences(differences) > 0 ? EXIT_LINT : EXIT_OK;
}
