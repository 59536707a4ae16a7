import { writeFileSync } from "node:fs";
import { posix, resolve } from "node:path";
import { decodeYaml, formatProblem, glob } from "@narthex/config";
import { compileCapturing, formatDuration, PatternError } from "@narthex/model";
import type { QueryFeatures } from "@narthex/promql";
import { type GroupSpec, loadRuleFiles } from "@narthex/rules";
import { flagKinds, type Host } from "@narthex/runtime";
import { ruleProblemLine } from "./check-rules.ts";
import { promtoolCommand } from "./command.ts";
import { hostFiles } from "./host-files.ts";
import { type CaseReport, junitXml } from "./junit.ts";
import { EXIT_FAILURE, EXIT_OK } from "./lint-settings.ts";
import { openBench } from "./unit-test/bench.ts";
import { InputError } from "./unit-test/input-series.ts";
import { runTestGroup } from "./unit-test/run-test-group.ts";
import { type TestFile, testFileSection } from "./unit-test/test-file.ts";

/** Settings for a run: which tests are run, and how strictly files are parsed. */
interface RunSettings {
  readonly wanted: (name: string) => boolean;
  readonly ignoreUnknownFields: boolean;
  readonly features: QueryFeatures;
}

/** Result of a test file: a report for each test, or the error because of which the file could not be run. */
type FileOutcome =
  | { readonly kind: "ran"; readonly cases: readonly CaseReport[] }
  | { readonly kind: "stopped"; readonly problems: readonly string[] };

async function runFile(
  host: Host,
  path: string,
  { wanted, ignoreUnknownFields, features }: RunSettings,
): Promise<FileOutcome> {
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
  const unnamed = firstUnnamed(file);
  if (unnamed !== undefined) return { kind: "stopped", problems: [unnamed] };
  const cases: CaseReport[] = [];
  for (const [index, test] of file.tests.entries()) {
    if (!wanted(test.name)) continue;
    cases.push({
      name: test.name === "" ? `unnamed#${index}` : test.name,
      failures: await runCase(host, file, index, rules.files, features),
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
  file: TestFile,
  index: number,
  specs: ReadonlyMap<string, readonly GroupSpec[]>,
  features: QueryFeatures,
): Promise<readonly string[]> {
  const test = file.tests[index]!;
  try {
    await using bench = await openBench(host, test, specs, file.evaluationIntervalMs, features);
    return await runTestGroup(test, file, bench);
  } catch (error) {
    if (error instanceof InputError) return [error.message];
    throw error;
  }
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
    debug: flagKinds.flag(false, "Enable unit test debugging.", { notBuilt: "tests print nothing more in this build" }),
    diff: flagKinds.flag(false, "Print differences in colour.", { notBuilt: "differences are printed plainly" }),
  },
  operands: [{ name: "test-rule-file", required: true, many: true, file: true }],
  async run({ host, features, flags, operands }) {
    const wanted = nameFilter(flags.run);
    if (typeof wanted === "string") {
      host.stderr(`promtool: error: ${wanted}\n`);
      return EXIT_FAILURE;
    }
    const suites: { readonly file: string; readonly cases: readonly CaseReport[] }[] = [];
    let sound = true;
    for (const file of operands) {
      const settings = { wanted, features, ignoreUnknownFields: flags["ignore-unknown-fields"] };
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
