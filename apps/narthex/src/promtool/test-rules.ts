import { writeFileSync } from "node:fs";
import { posix, resolve } from "node:path";
import { decodeYaml, formatProblem, glob } from "@narthex/config";
import { compileCapturing, formatDuration, formatGoDuration, PatternError } from "@narthex/model";
import type { QueryFeatures } from "@narthex/promql";
import { type BehaviourEntry, type GroupSpec, loadRuleFiles, withBehaviours } from "@narthex/rules";
import { flagKinds, type Host } from "@narthex/runtime";
import { behaviourFlag, readBehaviours } from "./behaviour-flag.ts";
import { ruleProblemLine } from "./check-rules.ts";
import { promtoolCommand } from "./command.ts";
import { hostFiles } from "./host-files.ts";
import { type CaseReport, junitXml } from "./junit.ts";
import { EXIT_FAILURE, EXIT_OK } from "./lint-settings.ts";
import { type Bench, openBench } from "./unit-test/bench.ts";
import { InputError } from "./unit-test/input-series.ts";
import { alertsDiff } from "./unit-test/alert-diff.ts";
import { lastEvaluationMs, runTestGroup } from "./unit-test/run-test-group.ts";
import { type TestFile, type TestGroup, testFileSection } from "./unit-test/test-file.ts";

/** Settings for a run: which tests are run, and how strictly files are parsed. */
interface RunSettings {
  readonly wanted: (name: string) => boolean;
  readonly ignoreUnknownFields: boolean;
  readonly features: QueryFeatures;
  readonly behaviours: readonly BehaviourEntry[];
  /** Whether all samples of each test are printed. */
  readonly debug: boolean;
  /** Whether the differences between alerts are printed in colour. */
  readonly diff: boolean;
}

/** A file of unit tests with its rules. */
interface LoadedTests {
  readonly path: string;
  readonly file: TestFile;
  readonly rules: ReadonlyMap<string, readonly GroupSpec[]>;
}

/** Result of a test file: a report for each test, or the error because of which the file could not be run. */
type FileOutcome =
  | { readonly kind: "ran"; readonly cases: readonly CaseReport[] }
  | { readonly kind: "stopped"; readonly problems: readonly string[] };

async function runFile(host: Host, path: string, settings: RunSettings): Promise<FileOutcome> {
  const { wanted, ignoreUnknownFields, features, behaviours } = settings;
  const files = hostFiles(host);
  const loaded = decodeYaml(await files.read(path), path, testFileSection, { ignoreUnknownFields });
  if (!loaded.ok) return { kind: "stopped", problems: loaded.problems.map(formatProblem) };
  const file = loaded.value;
  const patterns = file.ruleFiles.map((pattern) =>
    posix.isAbsolute(pattern) ? pattern : posix.join(posix.dirname(path), pattern),
  );
  for (const pattern of patterns) {
    if ((await glob(pattern, files)).length === 0) host.stderr(`  WARNING: no file match pattern ${pattern}\n`);
  }
  const rules = await loadRuleFiles(patterns, { ignoreUnknownFields, parser: features }, files);
  if (!rules.ok) return { kind: "stopped", problems: rules.problems.map(ruleProblemLine) };
  const behaved = withBehaviours(rules.files, behaviours, features);
  if (!behaved.ok) return { kind: "stopped", problems: behaved.problems.map(formatProblem) };
  for (const problem of behaved.unused) host.stderr(`  WARNING: ${formatProblem(problem)}\n`);
  const unnamed = firstUnnamed(file);
  if (unnamed !== undefined) return { kind: "stopped", problems: [unnamed] };
  const cases: CaseReport[] = [];
  for (const [index, test] of file.tests.entries()) {
    if (!wanted(test.name)) continue;
    cases.push({
      name: test.name === "" ? `unnamed#${index}` : test.name,
      failures: await runCase(host, { path, file, rules: behaved.files }, test, settings),
    });
  }
  return { kind: "ran", cases };
}

function firstUnnamed({ tests }: TestFile): string | undefined {
  for (const [i, { alertTests, name }] of tests.entries()) {
    const test = alertTests.find(({ alertname }) => alertname === "");
    if (test === undefined) continue;
    const where = name === "" ? `TestGroup ${i + 1}` : `TestGroup ${name}`;
    const time = formatDuration(test.evalTimeMs);
    return `an item under alert_rule_test misses required attribute alertname at eval_time ${time} (in ${where})`;
  }
  return undefined;
}

async function runCase(
  host: Host,
  { path, file, rules }: LoadedTests,
  test: TestGroup,
  { features, debug, diff }: RunSettings,
): Promise<readonly string[]> {
  const started = host.clock.monotonic();
  if (debug) host.stdout(`DEBUG: Starting test ${test.name}\n`);
  try {
    await using bench = await openBench(host, test, rules, file.evaluationIntervalMs, features);
    const failures = await runTestGroup(test, file, bench, diff ? alertsDiff : undefined);
    if (debug) await printStored(host, test, bench);
    return failures;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const { message, at } = error;
    return [at === undefined ? message : `${path}:${at.line}:${at.column}: ${message}`];
  } finally {
    const took = formatGoDuration(host.clock.monotonic() - started);
    if (debug) host.stdout(`DEBUG: Test ${test.name} finished, took ${took}\n`);
  }
}

/** Prints all samples of a test, from its start until the second after its last evaluation. */
async function printStored(host: Host, test: TestGroup, bench: Bench): Promise<void> {
  const afterMs = Math.floor((lastEvaluationMs(test) + 1000) / 1000) * 1000;
  host.stdout(`DEBUG: Dump of all data (input_series and rules) at ${formatDuration(afterMs)}:\n`);
  host.stdout(`${await bench.stored(test.startMs + afterMs)}\n`);
}

function report(host: Host, outcome: FileOutcome): boolean {
  const problems = outcome.kind === "stopped" ? outcome.problems : outcome.cases.flatMap(({ failures }) => failures);
  if (problems.length === 0) {
    host.stdout("  SUCCESS\n\n");
    return true;
  }
  host.stderr("  FAILED:\n");
  for (const problem of problems) {
    host.stderr(`${problem}\n`);
    host.stdout("\n");
  }
  host.stdout("\n");
  return false;
}

export const junitFlag = { junit: flagKinds.text("", "File path to store JUnit XML test results.") };

export const testRules = promtoolCommand({
  name: "rules",
  help: "Unit tests for rules.",
  flags: {
    run: flagKinds.list([], "If set, will only run test groups whose names match the regular expression."),
    ...junitFlag,
    "ignore-unknown-fields": flagKinds.flag(false, "Ignore unknown fields in the test files."),
    ...behaviourFlag,
    debug: flagKinds.flag(false, "Enable unit test debugging."),
    diff: flagKinds.flag(false, "Print differences of alerts in colour."),
  },
  operands: [{ name: "test-rule-file", required: true, many: true, file: true }],
  async run({ host, features, flags, operands }) {
    const wanted = nameFilter(flags.run);
    if (typeof wanted === "string") {
      host.stderr(`promtool: error: ${wanted}\n`);
      return EXIT_FAILURE;
    }
    const behaviours = await readBehaviours(host, flags["behaviour-files"]);
    if (behaviours === undefined) return EXIT_FAILURE;
    const suites: { readonly file: string; readonly cases: readonly CaseReport[] }[] = [];
    let sound = true;
    for (const file of operands) {
      const { debug, diff, "ignore-unknown-fields": ignoreUnknownFields } = flags;
      const settings = { wanted, features, ignoreUnknownFields, debug, diff, behaviours };
      const outcome = await runFile(host, file, settings);
      if (!report(host, outcome)) sound = false;
      const cases = outcome.kind === "ran" ? outcome.cases : [{ name: file, failures: outcome.problems }];
      suites.push({ file, cases });
    }
    if (flags.junit !== "") writeFileSync(resolve(host.cwd, flags.junit), junitXml(suites));
    return sound ? EXIT_OK : EXIT_FAILURE;
  },
});

/** Returns a function that selects tests by the regular expressions of `--run`, or the error in an expression. */
function nameFilter(patterns: readonly string[]): ((name: string) => boolean) | string {
  if (patterns.length === 0) return () => true;
  try {
    const pattern = compileCapturing(patterns.join("|"), false);
    return (name) => pattern.test(name);
  } catch (error) {
    if (error instanceof PatternError) return error.message;
    throw error;
  }
}
