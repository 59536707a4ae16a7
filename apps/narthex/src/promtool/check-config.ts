import {
  type ConfigFiles,
  formatProblem,
  loadPrometheusConfig,
  parsePrometheusConfig,
  type Problem,
  type PrometheusConfig,
  SourceError,
} from "@narthex/config";
import { discoverers, jobDiscoveryKinds } from "@narthex/discovery";
import { formatDuration, parseDuration } from "@narthex/model";
import { flagKinds, type Host } from "@narthex/runtime";
import { promtoolCommand } from "./command.ts";
import { CheckError, checkReferences, ruleFilesOf } from "./config-references.ts";
import { reportRuleFiles, type RuleLinting } from "./check-rules.ts";
import { hostFiles } from "./host-files.ts";
import { ruleLintFlags } from "./rule-lint/lint-flags.ts";
import type { ParserOptions } from "@narthex/promql";
import { EXIT_FAILURE, EXIT_LINT, EXIT_OK, type LintSettings, lintSettings, worst } from "./lint-settings.ts";

/** Formats problems below promtool's heading. The heading differs for the main file and for files that it refers to. */
function describeProblems(file: string, problems: readonly Problem[]): string {
  const sentences = problems.map(formatProblem);
  const own = problems[0]?.file === file;
  const head = own ? `parsing YAML file ${file}: ` : "error loading scrape configs: ";
  return (
    head + (sentences.length === 1 ? sentences[0]! : `${sentences.length} problems\n    ${sentences.join("\n    ")}`)
  );
}

interface ConfigLoading {
  readonly host: Host;
  readonly files: ConfigFiles;
  readonly syntaxOnly: boolean;
  readonly agent: boolean;
}

interface ConfigCheck extends ConfigLoading {
  readonly lint: LintSettings;
  readonly parser: ParserOptions;
  readonly lookbackMs: number;
  readonly lintFlags: RuleLinting["flags"];
}

async function readText(file: string, files: ConfigFiles): Promise<string> {
  try {
    return await files.read(file);
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    throw new CheckError(error.line === 0 ? error.message : `${file}:${error.line}:1: ${error.message}`);
  }
}

/** Decodes a configuration. Unless `--syntax-only` is set, also reads the files that it names. Throws CheckError. */
export async function loadConfig(
  file: string,
  check: ConfigLoading,
): Promise<{ readonly config: PrometheusConfig; readonly warnings: readonly string[] }> {
  const { host, files, agent } = check;
  const options = { files, env: host.env, agent, discoveryKinds: discoverers, jobDiscoveryKinds };
  const loaded = check.syntaxOnly
    ? parsePrometheusConfig(await readText(file, files), file, options, () => undefined)
    : await loadPrometheusConfig(file, options);
  if (!loaded.ok) throw new CheckError(describeProblems(file, loaded.problems));
  return { config: loaded.value, warnings: "warnings" in loaded ? loaded.warnings : [] };
}

async function reportConfig(file: string, check: ConfigCheck): Promise<number> {
  const { host, files } = check;
  host.stdout(`Checking ${file}\n`);
  try {
    const { config, warnings } = await loadConfig(file, check);
    for (const warning of warnings) host.stdout(`  WARNING: ${warning}\n`);
    const references = { file, files, syntaxOnly: check.syntaxOnly, print: (line: string) => host.stdout(line) };
    const ruleFiles = check.syntaxOnly ? [] : await ruleFilesOf(config, references);
    await checkReferences(config, references);
    if (ruleFiles.length > 0) host.stdout(`  SUCCESS: ${ruleFiles.length} rule files found\n`);
    host.stdout(` SUCCESS: ${file} is valid prometheus config file syntax\n\n`);
    const slow = check.lint.longScrapeInterval && !check.syntaxOnly ? reportLongIntervals(config, check) : EXIT_OK;
    const { scrapeIntervalMs, evaluationIntervalMs, externalLabels } = config.global;
    const linting = {
      flags: check.lintFlags,
      settings: { scrapeIntervalMs, evaluationIntervalMs, externalLabels, lookbackMs: check.lookbackMs },
    };
    return worst([slow, await reportRuleFiles(host, ruleFiles, check.lint, check.parser, linting)]);
  } catch (error) {
    if (!(error instanceof CheckError)) throw error;
    host.stderr(`  FAILED: ${error.message}\n`);
    host.stdout("\n");
    return EXIT_FAILURE;
  }
}

/**
 * Reports jobs whose scrape interval is at least the lookback time, so that their series become stale between two
 * scrapes.
 */
function reportLongIntervals(config: PrometheusConfig, { host, lint, lookbackMs }: ConfigCheck): number {
  const long = config.scrapeConfigs.filter(({ scrapeIntervalMs }) => scrapeIntervalMs >= lookbackMs);
  for (const { jobName, scrapeIntervalMs } of long) {
    const text = "too long scrape interval found, data point will be marked as stale";
    host.stderr(`  FAILED: ${text} - job: ${jobName}, interval: ${formatDuration(scrapeIntervalMs)}\n`);
  }
  return long.length > 0 && lint.fatal ? EXIT_LINT : EXIT_OK;
}

export const lookbackFlag = {
  "query.lookback-delta": flagKinds.parsed(
    300_000,
    parseDuration,
    formatDuration,
    "The server's maximum query lookback duration.",
  ),
};

export const checkConfig = promtoolCommand({
  name: "config",
  help: "Check if the config files are valid or not.",
  flags: {
    ...lookbackFlag,
    "syntax-only": flagKinds.flag(
      false,
      "Only check the config file syntax, ignoring file and content validation referenced in the config",
    ),
    lint: flagKinds.text(
      "duplicate-rules",
      "Linting checks to apply to the rules/scrape configs specified in the config. Available options are: all, duplicate-rules, none, too-long-scrape-interval. Use --lint=none to disable linting. Narthex also has: narthex",
    ),
    "lint-fatal": flagKinds.flag(false, "Make lint errors exit with exit code 3."),
    "ignore-unknown-fields": flagKinds.flag(false, "Ignore unknown fields in the rule groups."),
    agent: flagKinds.flag(false, "Check config file for Prometheus in Agent mode."),
    ...ruleLintFlags,
  },
  operands: [{ name: "config-files", required: true, many: true, file: true }],
  async run({ host, features, flags, operands }) {
    const check: ConfigCheck = {
      host,
      files: hostFiles(host),
      syntaxOnly: flags["syntax-only"],
      agent: flags.agent,
      lint: lintSettings(flags, (line) => host.stdout(line)),
      parser: features,
      lookbackMs: flags["query.lookback-delta"],
      lintFlags: flags,
    };
    const statuses: number[] = [];
    for (const file of operands) statuses.push(await reportConfig(file, check));
    return worst(statuses);
  },
});
