import { readFileSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { root } from "./sources.ts";
import { reportOf, type Suite } from "./suites.ts";

/** The parts of the test runner's JSON report that the checks use. */
export interface RunnerReport {
  readonly success: boolean;
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    /** Error outside the tests of the file. */
    readonly message?: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly fullName?: string;
      readonly failureMessages?: readonly string[];
    }[];
  }[];
}

/** Maximum number of characters of a failed test's message in the summary. */
const LONGEST_MESSAGE = 400;
/** Number of lines at the end of a suite's output that are repeated after all suites. */
const LAST_LINES = 40;

export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Files with skipped tests; paths are relative to the root. */
  readonly skippedIn: readonly { readonly file: string; readonly count: number }[];
  /** One line for each failed test or broken file: place, name, and first line of the error. */
  readonly failures: readonly string[];
  /** Problems other than failed tests. */
  readonly problems: readonly string[];
}

/** Reads the test report of a suite; undefined if the report does not exist. */
export function readReport({ folder, name }: Suite): RunnerReport | undefined {
  try {
    return JSON.parse(readFileSync(reportOf(folder, name), "utf8")) as RunnerReport;
  } catch {
    return undefined;
  }
}

/** Adds up the test reports of suites. A test file with no report, or with several reports, is a problem. */
export function tally(reports: readonly { readonly suite: Suite; readonly report: RunnerReport | undefined }[]): Tally {
  let [passed, failed, skipped] = [0, 0, 0];
  const problems: string[] = [];
  const failures: string[] = [];
  const skippedIn: { file: string; count: number }[] = [];
  for (const { suite, report } of reports) {
    if (report === undefined) {
      problems.push(`${suite.task}: the test runner left no report`);
      failed += 1;
      continue;
    }
    const broken = report.testResults.filter(isBroken);
    passed += report.numPassedTests;
    failed += report.numFailedTests + broken.length;
    skipped += report.numPendingTests + report.numTodoTests;
    if (!report.success) problems.push(`${suite.task}: the test runner says that it failed`);
    const ran = report.testResults.map(({ name }) => fileOf(name));
    problems.push(...differences(suite, ran));
    for (const [i, result] of report.testResults.entries()) {
      const { message, assertionResults } = result;
      if (isBroken(result)) failures.push(failureLine(ran[i]!, "", message));
      for (const one of assertionResults)
        if (one.status === "failed") failures.push(failureLine(ran[i]!, one.fullName, one.failureMessages?.[0]));
      const count = assertionResults.filter(({ status }) => status === "skipped" || status === "pending").length;
      if (count > 0) skippedIn.push({ file: ran[i]!, count });
    }
  }
  skippedIn.sort((a, b) => (a.file < b.file ? -1 : 1));
  return { passed, failed, skipped, skippedIn, failures, problems };
}

/** Returns the paths from the root of the files with a failed test. */
export const failedFiles = ({ testResults }: RunnerReport): string[] =>
  testResults.filter(({ status }) => status === "failed").map(({ name }) => fileOf(name));

/**
 * Reports whether a test file failed outside its tests: the file could not be loaded, or code before or after all tests
 * failed.
 */
const isBroken = ({ status, assertionResults }: RunnerReport["testResults"][number]): boolean =>
  status === "failed" && !assertionResults.some((one) => one.status === "failed");

/** Formats a failure in one line, for people who read only the end of the output. */
function failureLine(file: string, name = "", message = ""): string {
  const [first = ""] = stripVTControlCharacters(message).split("\n");
  return `failed: ${[file, name].filter((part) => part !== "").join(" > ")}: ${first.slice(0, LONGEST_MESSAGE)}`;
}

/** Returns the path relative to the root. A cached report may contain absolute paths of another checkout. */
function fileOf(path: string): string {
  if (path.startsWith(root)) return path.slice(root.length);
  return /.*\/((?:(?:packages|apps)\/[^/]+|e2e)\/src\/.*|checks\/.*)$/.exec(path)?.[1] ?? path;
}

function differences(suite: Suite, ran: readonly string[]): string[] {
  const missing = suite.files.filter((file) => !ran.includes(file));
  const strange = ran.filter((file, i) => !suite.files.includes(file) || ran.indexOf(file) !== i);
  return [
    ...(missing.length > 0 ? [`${suite.task}: ${missing[0]!} was not run${othersThan(missing)}`] : []),
    ...strange.map((file) => `${suite.task}: ${file} is not one of its files, or was run twice`),
  ];
}

/** Returns the number of other files as words, for a sentence that names only the first file. */
const othersThan = ({ length }: readonly string[]): string =>
  length > 1 ? `, nor were ${length - 1} other files` : "";

/** Returns the last lines of a suite's output, which name the reason if the test runner itself ended early. */
export const lastLines = (output: string): string =>
  stripVTControlCharacters(output).trimEnd().split("\n").slice(-LAST_LINES).join("\n");

/**
 * Patterns in the text of a test file which show that the file needs a program or a system. The names are those of
 * `missing()`.
 */
const WORDS: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/openssl/i, "openssl"],
  [/systemd-analyze/, "systemd"],
  [/\btheirProgram\b/, "peers"],
  [/NARTHEX_CONFORMANCE/, "NARTHEX_CONFORMANCE"],
];

/** Returns the reasons why tests of a file may have been skipped: requirements of the file that this machine lacks. */
export function reasonsToSkip(text: string, missing: readonly string[]): string[] {
  const named = [...text.matchAll(/\blacks\(([^)]*)\)/g)].flatMap(([, names = ""]) =>
    [...names.matchAll(/"([^"]+)"/g)].map(([, name]) => name!),
  );
  const implied = WORDS.filter(([pattern]) => pattern.test(text)).map(([, name]) => name);
  return [...new Set([...named, ...implied])].filter((name) => missing.includes(name));
}

/** Returns a line for the summary about a file with skipped tests. */
export function skipLine({ file, count }: { file: string; count: number }, missing: readonly string[]): string {
  const reasons = reasonsToSkip(readFileSync(join(root, file), "utf8"), missing);
  const why = reasons.length === 0 ? "" : `, for want of ${reasons.join(", ")}`;
  return `skipped: ${file}: ${count} ${count === 1 ? "test" : "tests"}${why}`;
}
