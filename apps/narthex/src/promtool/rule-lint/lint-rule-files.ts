import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { formatProblem } from "@narthex/config";
import { Labels } from "@narthex/model";
import { createEngine, type ParserOptions } from "@narthex/promql";
import type { Finding, LintedFile, LintReport, Policy, StoredData } from "@narthex/rule-lint";
import type { Host } from "@narthex/runtime";
import { openHistory } from "../backtest/open-history.ts";
import { QUERY_TIMEOUT_MS } from "../api-call.ts";
import { EXIT_FAILURE, EXIT_LINT, EXIT_OK } from "../lint-settings.ts";
import { openServer, ServerError } from "../server-client.ts";
import type { RuleLintFlags } from "./lint-flags.ts";
import { serverData } from "./server-data.ts";

/** Settings of the server that will evaluate the rules, from its configuration. */
export interface ServerSettings {
  readonly scrapeIntervalMs?: number;
  readonly evaluationIntervalMs?: number;
  readonly lookbackMs?: number;
  readonly externalLabels?: Labels;
}

/** The command cannot run with these flags. The message is shown to the user. */
class LintError extends Error {
  override readonly name = "LintError";
}

/** Runs our checks over rule files, and prints the findings. Resolves with the exit status. */
export async function lintRuleFiles(
  host: Host,
  files: readonly LintedFile[],
  flags: RuleLintFlags & { readonly "lint-fatal": boolean },
  parser: ParserOptions,
  settings: ServerSettings = {},
): Promise<number> {
  const { lintRules } = await import("@narthex/rule-lint");
  try {
    const policy = await policyOf(host, flags["lint.policy"]);
    await using opened = await openData(host, flags, parser, settings);
    const report = await lintRules({
      files,
      clock: host.clock,
      parser,
      ...(policy === undefined ? {} : { policy }),
      ...settings,
      scrapeIntervalMs: flags["lint.scrape-interval"] > 0 ? flags["lint.scrape-interval"] : settings.scrapeIntervalMs,
      data: opened.data,
    });
    await print(host, report, flags["lint.format"]);
    return flags["lint-fatal"] && report.findings.some(isProblem) ? EXIT_LINT : EXIT_OK;
  } catch (error) {
    if (!(error instanceof LintError || error instanceof ServerError)) throw error;
    host.stderr(`  FAILED: ${error.message}\n`);
    return EXIT_FAILURE;
  }
}

const isProblem = ({ severity }: Finding): boolean => severity !== "info";

async function policyOf(host: Host, file: string): Promise<Policy | undefined> {
  if (file === "") return undefined;
  const { CHECK_NAMES, parsePolicy } = await import("@narthex/rule-lint");
  let source: string;
  try {
    source = readFileSync(resolve(host.cwd, file), "utf8");
  } catch (error) {
    throw new LintError(`--lint.policy: ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
  const loaded = parsePolicy(source, file, CHECK_NAMES);
  if (loaded.ok) return loaded.value;
  throw new LintError(
    `--lint.policy:\n${loaded.problems.map((problem) => `    ${formatProblem(problem)}`).join("\n")}`,
  );
}

interface OpenData extends AsyncDisposable {
  readonly data: StoredData | undefined;
}

async function openData(
  host: Host,
  flags: RuleLintFlags,
  parser: ParserOptions,
  { lookbackMs, evaluationIntervalMs }: ServerSettings,
): Promise<OpenData> {
  const { "lint.url": url, "lint.tsdb": tsdb, "lint.http.config.file": httpConfigFile } = flags;
  if (url !== "" && tsdb !== "") throw new LintError("--lint.url and --lint.tsdb exclude each other; set one of them");
  if (url !== "") {
    const server = await openServer(host, url, httpConfigFile, QUERY_TIMEOUT_MS);
    return { data: serverData(server), [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
  }
  if (tsdb === "") return { data: undefined, [Symbol.asyncDispose]: () => Promise.resolve() };
  const history = await openHistory(host, { tsdb, url, "http.config.file": httpConfigFile });
  const { evaluatedData } = await import("@narthex/rule-lint");
  const engine = createEngine({
    clock: host.clock,
    features: parser,
    ...(lookbackMs === undefined ? {} : { lookbackMs }),
    ...(evaluationIntervalMs === undefined ? {} : { defaultEvalIntervalMs: evaluationIntervalMs }),
  });
  return {
    data: evaluatedData((text, time) => engine.query({ queryable: history.queryable, text, ...time })),
    [Symbol.asyncDispose]: () => history[Symbol.asyncDispose](),
  };
}

async function print(host: Host, report: LintReport, format: "json" | "text"): Promise<void> {
  const { findingLine } = await import("@narthex/rule-lint");
  const { findings, isComplete } = report;
  const count = (severity: Finding["severity"]): number => findings.filter((one) => one.severity === severity).length;
  if (format === "json") {
    host.stdout(`${JSON.stringify(report, null, 2)}\n`);
    return;
  }
  if (findings.length > 0) host.stderr(findings.map((finding) => `${findingLine(finding)}\n`).join(""));
  if (!isComplete)
    host.stderr("The limit of findings or queries was reached, so not all rules were checked completely.\n");
  host.stdout(`Lint: ${count("error")} errors, ${count("warning")} warnings, ${count("info")} notes\n`);
}
