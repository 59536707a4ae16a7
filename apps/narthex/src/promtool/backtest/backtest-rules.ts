import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { type ReplayedGroup, type ReplayedRule, replayRules, TooManyRecordedError } from "@narthex/backtest";
import { parseTime } from "@narthex/http";
import { DurationError, formatGoDuration, Labels, parseDuration, parseGoDuration } from "@narthex/model";
import { createEngine } from "@narthex/promql";
import { loadRuleFiles } from "@narthex/rules";
import { type FlagValues, flagKinds, type Host } from "@narthex/runtime";
import { ruleProblemLine } from "../check-rules.ts";
import { type PromtoolContext, promtoolCommand } from "../command.ts";
import { hostFiles } from "../host-files.ts";
import { junitXml } from "../junit.ts";
import { EXIT_FAILURE, EXIT_LINT, EXIT_OK } from "../lint-settings.ts";
import { pairsFlag } from "../pairs-flag.ts";
import { ServerError } from "../server-client.ts";
import { jsonReport, textReport, timeText } from "./backtest-report.ts";
import { compareFirings, type FiringDifferences } from "./compare-firings.ts";
import { type History, openHistory } from "./open-history.ts";

const flags = {
  from: flagKinds.text(
    "",
    "Start of the range: a time in RFC 3339 or as Unix timestamp, or a duration before the end such as 7d. Required.",
  ),
  to: flagKinds.text("", "End of the range: a time in RFC 3339 or as Unix timestamp. Default: now."),
  tsdb: flagKinds.text("", "Data folder with the stored samples. Default: the samples are read from --url."),
  url: flagKinds.text(
    "http://localhost:9090",
    "The URL of the server from which stored samples are read with remote read.",
  ),
  "http.config.file": flagKinds.text("", "HTTP client configuration file for promtool to connect to the server."),
  against: flagKinds.list(
    [],
    "Rule file of the earlier version. Firings that were added or lost are listed, and then the exit status is 3. May be repeated.",
  ),
  "eval-interval": flagKinds.parsed(
    60_000,
    parseGoDuration,
    formatGoDuration,
    "Evaluation interval of groups without an interval.",
  ),
  "query.lookback-delta": flagKinds.parsed(
    300_000,
    parseGoDuration,
    formatGoDuration,
    "How far back a selector looks for a sample.",
  ),
  "external.label": pairsFlag({}, "External label of the server, for templates. May be repeated."),
  "external.url": flagKinds.text("", "External URL of the server, for templates."),
  format: flagKinds.choice("text", ["text", "json"], "Format of the report (text or json)."),
  junit: flagKinds.text("", "File path to store a JUnit XML report with a case for each rule."),
} as const;

export const backtestRules = promtoolCommand({
  name: "rules",
  help: "Evaluate rules over stored samples, and report when alerts would have been pending, firing and resolved. (Narthex only.)",
  required: ["from"],
  flags,
  operands: [{ name: "rule-files", required: true, many: true, file: true }],
  async run({ flags: values, operands, ...context }) {
    const { host } = context;
    try {
      const range = rangeOf(host, values.from, values.to);
      const groups = await groupsOf(context, operands, values);
      const before = values.against.length === 0 ? undefined : await groupsOf(context, values.against, values);
      const place = { tsdb: values.tsdb, url: values.url, httpConfigFile: values["http.config.file"] };
      await using history = await openHistory(host, place);
      for (const problem of history.problems) host.stderr(`${problem}\n`);
      const rules = await replay(context, groups, history, range, values);
      const differences =
        before === undefined
          ? undefined
          : compareFirings(await replay(context, before, history, range, values), rules, range.toMs);
      print(host, rules, range, differences, values);
      return statusOf(rules, differences, history);
    } catch (cause) {
      if (!(cause instanceof ServerError || cause instanceof TooManyRecordedError || cause instanceof BacktestError))
        throw cause;
      host.stderr(`${cause.message}\n`);
      return EXIT_FAILURE;
    }
  },
});

type Values = FlagValues<typeof flags>;

/** The command cannot run with these arguments. The message is shown to the user. */
class BacktestError extends Error {
  override readonly name = "BacktestError";
}

interface Range {
  readonly fromMs: number;
  readonly toMs: number;
}

function rangeOf(host: Host, from: string, to: string): Range {
  const end = to === "" ? host.clock.now() : parseTime(to);
  if (end === undefined)
    throw new BacktestError(`--to ${JSON.stringify(to)} is not a time; write for example 2026-11-01T00:00:00Z`);
  const start = parseTime(from) ?? timeBefore(end, from);
  if (start === undefined)
    throw new BacktestError(
      `--from ${JSON.stringify(from)} is not a time; write for example 2026-11-01T00:00:00Z or 7d`,
    );
  if (start >= end) throw new BacktestError("--from is not before --to");
  return { fromMs: Math.floor(start), toMs: Math.floor(end) };
}

/** Returns the time that is a duration before another time, or undefined if the text is not a duration. */
function timeBefore(end: number, text: string): number | undefined {
  try {
    return end - parseDuration(text);
  } catch (error) {
    if (error instanceof DurationError) return undefined;
    throw error;
  }
}

async function groupsOf(
  { host, features }: Omit<PromtoolContext, "stdin">,
  paths: readonly string[],
  values: Values,
): Promise<readonly ReplayedGroup[]> {
  const loaded = await loadRuleFiles(paths, { parser: features }, hostFiles(host));
  if (!loaded.ok) throw new BacktestError(loaded.problems.map(ruleProblemLine).join("\n"));
  return [...loaded.files].flatMap(([file, specs]) =>
    specs.map((spec) => ({
      file,
      spec,
      intervalMs: spec.intervalMs === undefined || spec.intervalMs === 0 ? values["eval-interval"] : spec.intervalMs,
      queryOffsetMs: spec.queryOffsetMs ?? 0,
    })),
  );
}

const replay = (
  { host, features }: Omit<PromtoolContext, "stdin">,
  groups: readonly ReplayedGroup[],
  { queryable, signal }: History,
  range: Range,
  values: Values,
): Promise<readonly ReplayedRule[]> =>
  replayRules({
    ...range,
    groups,
    history: queryable,
    clock: host.clock,
    engine: createEngine({
      clock: host.clock,
      features,
      lookbackMs: values["query.lookback-delta"],
      defaultEvalIntervalMs: values["eval-interval"],
    }),
    parser: features,
    externalLabels: Labels.of(values["external.label"]),
    externalUrl: values["external.url"],
    signal,
  });

function print(
  host: Host,
  rules: readonly ReplayedRule[],
  { fromMs, toMs }: Range,
  differences: FiringDifferences | undefined,
  { format, junit }: Values,
): void {
  const changes =
    differences === undefined
      ? {}
      : { differences: { added: shown(differences.added), lost: shown(differences.lost) } };
  if (format === "json")
    host.stdout(`${JSON.stringify({ ...jsonReport(rules, fromMs, toMs), ...changes }, null, 2)}\n`);
  else {
    host.stdout(textReport(rules, toMs));
    if (differences !== undefined) host.stdout(differencesText(differences));
  }
  if (junit !== "") writeFileSync(resolve(host.cwd, junit), junitXml(suitesOf(rules, differences)));
}

const shown = (firings: FiringDifferences["added"]) =>
  firings.map(({ labels, firedAtMs, endedAtMs }) => ({
    labels,
    firingAt: timeText(firedAtMs),
    endedAt: timeText(endedAtMs),
  }));

const lines = (sign: string, firings: FiringDifferences["added"]): readonly string[] =>
  firings.map(
    ({ labels, firedAtMs, endedAtMs }) => `${sign} ${timeText(firedAtMs)} to ${timeText(endedAtMs)} ${labels}`,
  );

function differencesText({ added, lost }: FiringDifferences): string {
  if (added.length + lost.length === 0) return "Both versions fire at the same times.\n";
  const head = `${added.length} firings added, ${lost.length} firings lost:`;
  return `${[head, ...lines("+", added), ...lines("-", lost)].join("\n")}\n`;
}

function suitesOf(rules: readonly ReplayedRule[], differences: FiringDifferences | undefined) {
  const suites = [...Map.groupBy(rules, ({ group }) => group.file)].map(([file, list]) => ({
    file,
    cases: list.map(({ group, spec, failures }) => ({
      name: `${group.spec.name}: ${spec.name}`,
      failures: failures === undefined ? [] : [`${failures.count} evaluations failed: ${failures.message}`],
    })),
  }));
  if (differences === undefined) return suites;
  const { added, lost } = differences;
  return [
    ...suites,
    { file: "--against", cases: [{ name: "firings", failures: [...lines("+", added), ...lines("-", lost)] }] },
  ];
}

function statusOf(
  rules: readonly ReplayedRule[],
  differences: FiringDifferences | undefined,
  history: History,
): number {
  if (history.problems.length > 0 || rules.some(({ failures }) => failures !== undefined)) return EXIT_FAILURE;
  return differences !== undefined && differences.added.length + differences.lost.length > 0 ? EXIT_LINT : EXIT_OK;
}
