import { mkdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { formatProblem } from "@narthex/config";
import { parseTime } from "@narthex/http";
import { formatGoDuration, Labels, METRIC_NAME, parseGoDuration, parseGoFloat } from "@narthex/model";
import { printExpression } from "@narthex/promql";
import type { ParserOptions } from "@narthex/promql";
import { type GroupSpec, parseRuleFile, type RecordingSpec, slotBefore, slotOffset } from "@narthex/rules";
import { flagKinds, type Host } from "@narthex/runtime";
import { BlockBuilder } from "@narthex/tsdb";
import { callApi } from "../api-call.ts";
import { promtoolCommand } from "../command.ts";
import { EXIT_FAILURE, EXIT_OK } from "../lint-settings.ts";
import { openServer, type Server, ServerError } from "../server-client.ts";
import { blockDuration, windowStart } from "./block-windows.ts";
import { createFlags } from "./create-openmetrics.ts";
import { failureText } from "./database.ts";

const TIMEOUT_MS = 120_000;
const DEFAULT_LAG_MS = 3 * 3_600_000;

export const createFromRules = promtoolCommand({
  name: "rules",
  help: "Create blocks of data for new recording rules.",
  required: ["start"],
  flags: {
    ...createFlags,
    "http.config.file": flagKinds.text("", "HTTP client configuration file for promtool to connect to Prometheus."),
    url: flagKinds.text(
      "http://localhost:9090",
      "The URL for the Prometheus API with the data where the rule will be backfilled from.",
    ),
    start: flagKinds.text(
      "",
      "The time to start backfilling the new rule from. Must be a RFC3339 formatted date or Unix timestamp. Required.",
    ),
    end: flagKinds.text(
      "",
      "If an end time is provided, all recording rules in the rule files provided will be backfilled to the end time. Default will backfill up to 3 hours ago. Must be a RFC3339 formatted date or Unix timestamp.",
    ),
    "output-dir": flagKinds.text("data/", "Output directory for generated blocks."),
    "eval-interval": flagKinds.parsed(
      60_000,
      parseGoDuration,
      formatGoDuration,
      "How frequently to evaluate rules when backfilling if a value is not set in the recording rule files.",
    ),
  },
  operands: [{ name: "rule-files", required: true, many: true, file: true }],
  async run({ host, features, flags, operands }) {
    const range = importRange(host, flags.start, flags.end);
    if (range === undefined) return EXIT_FAILURE;
    const groups = loadGroups(host, operands, flags["eval-interval"], features);
    if (groups === undefined) return EXIT_FAILURE;
    const dir = resolve(host.cwd, flags["output-dir"]);
    mkdirSync(dir, { recursive: true });
    try {
      await using server = await openServer(host, flags.url, flags["http.config.file"], TIMEOUT_MS);
      const importer = new RuleImporter(host, server, dir, flags["max-block-duration"]);
      const failures = await importer.run(groups, range);
      if (failures.length === 0) return EXIT_OK;
      for (const failure of failures) host.stderr(`rule importer error: ${failure}\n`);
    } catch (cause) {
      const text = cause instanceof ServerError ? cause.message : failureText(cause);
      if (text === undefined) throw cause;
      host.stderr(`${text}\n`);
    }
    host.stderr("error importing rules\n");
    return EXIT_FAILURE;
  },
});

/** Range in whole seconds, as in promtool. */
interface ImportRange {
  readonly startSeconds: number;
  readonly endSeconds: number;
}

function importRange(host: Host, start: string, end: string): ImportRange | undefined {
  const fail = (text: string): undefined => {
    host.stderr(`${text}\n`);
  };
  const unreadable = (what: string, text: string): undefined =>
    fail(`error parsing ${what} time: cannot parse ${JSON.stringify(text)} to a valid timestamp`);
  const to = end === "" ? host.clock.now() - DEFAULT_LAG_MS : parseTime(end);
  if (to === undefined) return unreadable("end", end);
  const from = parseTime(start);
  if (from === undefined) return unreadable("start", start);
  if (from >= to) return fail("start time is not before end time");
  return { startSeconds: Math.floor(from / 1000), endSeconds: Math.floor(to / 1000) };
}

/** A rule group with the settings of its file and of the flags. */
interface ImportGroup {
  readonly file: string;
  readonly spec: GroupSpec;
  readonly intervalMs: number;
}

function loadGroups(
  host: Host,
  files: readonly string[],
  intervalMs: number,
  parser: ParserOptions,
): ImportGroup[] | undefined {
  const groups: ImportGroup[] = [];
  for (const file of files) {
    const loaded = parseRuleFile(readFileSync(resolve(host.cwd, file), "utf8"), file, { parser });
    if (!loaded.ok) {
      host.stderr(`rule importer parse error: ${loaded.problems.map(formatProblem).join("; ")}\n`);
      return undefined;
    }
    for (const spec of loaded.value) groups.push({ file, spec, intervalMs: spec.intervalMs ?? intervalMs });
  }
  return groups;
}

interface Matrix {
  readonly resultType: string;
  readonly result: readonly {
    readonly metric: Readonly<Record<string, string>>;
    readonly values?: readonly (readonly [seconds: number, value: string])[];
  }[];
}

/** Queries a server for the results that recording rules would have had in the past, and writes them as blocks. */
class RuleImporter {
  readonly #host: Host;
  readonly #server: Server;
  readonly #dir: string;
  readonly #maxBlockMs: number;

  constructor(host: Host, server: Server, dir: string, maxBlockMs: number) {
    this.#host = host;
    this.#server = server;
    this.#dir = dir;
    this.#maxBlockMs = maxBlockMs;
  }

  /**
   * Imports the recording rules of all groups. If a rule fails, the others are still imported. Resolves with an error
   * message for each failed rule.
   */
  async run(groups: readonly ImportGroup[], range: ImportRange): Promise<string[]> {
    const failures: string[] = [];
    for (const group of groups) {
      for (const rule of group.spec.rules) {
        if (rule.kind !== "recording") continue;
        try {
          await this.#importRule(group, rule, range);
        } catch (cause) {
          const text = cause instanceof ServerError ? `query range: ${cause.message}` : failureText(cause);
          if (text === undefined) throw cause;
          failures.push(text);
        }
      }
    }
    return failures;
  }

  async #importRule(group: ImportGroup, rule: RecordingSpec, { startSeconds, endSeconds }: ImportRange): Promise<void> {
    const duration = blockDuration(this.#maxBlockMs);
    const offset = slotOffset(group.file, group.spec.name, group.intervalMs);
    for (let at = windowStart(startSeconds * 1000, duration); at <= endSeconds * 1000; at += duration) {
      const fromSeconds = Math.max(Math.floor(at / 1000), startSeconds);
      let start = slotBefore(fromSeconds * 1000, offset, group.intervalMs);
      while (Math.floor(start / 1000) < fromSeconds) start += group.intervalMs;
      const end = Math.min(Math.floor((at + duration - 1) / 1000), endSeconds) * 1000;
      if (end < start) break;
      const form = new URLSearchParams({
        query: printExpression(rule.expr),
        start: String(start / 1000),
        end: String(end / 1000),
        step: String(group.intervalMs / 1000),
      });
      const { data, warnings } = await callApi(this.#server, "/api/v1/query_range", form);
      for (const warning of warnings) this.#host.stderr(`query warning: ${warning}\n`);
      this.#write(rule, data as Matrix, duration);
    }
  }

  #write(rule: RecordingSpec, { resultType, result }: Matrix, duration: number): void {
    if (resultType !== "matrix") throw new ServerError(`rule result is wrong type ${resultType}`);
    const builder = new BlockBuilder({
      chunkRangeMs: 2 * duration,
      now: () => this.#host.clock.now(),
      random: Math.random,
    });
    for (const { metric, values = [] } of result) {
      const labels = Labels.of({ ...metric, ...Object.fromEntries(rule.labels), [METRIC_NAME]: rule.name });
      for (const [seconds, text] of values) {
        builder.append(labels, Math.round(seconds * 1000), parseGoFloat(text) ?? NaN);
      }
    }
    builder.write(this.#dir);
  }
}
