import { readFileSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { root } from "./sources.ts";
import { reportOf, type Suite } from "./suites.ts";

/** The part of the runner's own JSON report that counts. */
export interface RunnerReport {
  readonly success: boolean;
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    /** Of a file that failed beside its tests. */
    readonly message?: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly fullName?: string;
      readonly failureMessages?: readonly string[];
    }[];
  }[];
}

/** Characters of a failed test's message that are told again at the end. */
const LONGEST_MESSAGE = 400;

export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Files with skipped tests, from the root. */
  readonly skippedIn: readonly { readonly file: string; readonly count: number }[];
  /** A line for each failed test and broken file: where, its name, the first line of what went wrong. */
  readonly failures: readonly string[];
  /** What is wrong beside failed tests. */
  readonly problems: readonly string[];
}

/** The report that a suite has left; undefined for none. */
export function readReport({ folder, name }: Suite): RunnerReport | undefined {
  try {
    return JSON.parse(readFileSync(reportOf(folder, name), "utf8")) as RunnerReport;
  } catch {
    return undefined;
  }
}

/** Counts what the runner reports of suites. A file that no report or more than one tells of is a problem. */
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

/** Returns the files of a report in which a test failed, from the root. */
export const failedFiles = ({ testResults }: RunnerReport): string[] =>
  testResults.filter(({ status }) => status === "failed").map(({ name }) => fileOf(name));

/** A file failed beside its tests: it could not be read, or what comes before or after all of them went wrong. */
const isBroken = ({ status, assertionResults }: RunnerReport["testResults"][number]): boolean =>
  status === "failed" && !assertionResults.some((one) => one.status === "failed");

/** What is read first where only the end of the output is kept. */
function failureLine(file: string, name = "", message = ""): string {
  const [first = ""] = stripVTControlCharacters(message).split("\n");
  return `failed: ${[file, name].filter((part) => part !== "").join(" > ")}: ${first.slice(0, LONGEST_MESSAGE)}`;
}

/** A result that was kept may come from another checkout: its paths begin elsewhere. */
function fileOf(path: string): string {
  if (path.startsWith(root)) return path.slice(root.length);
  return /.*\/((?:(?:packages|apps)\/[^/]+|e2e)\/src\/.*|checks\/.*)$/.exec(path)?.[1] ?? path;
}

function differences(suite: Suite, ran: readonly string[]): string[] {
  const missing = suite.files.filter((file) => !ran.includes(file));
  const strange = ran.filter((file, i) => !suite.files.includes(file) || ran.indexOf(file) !== i);
  return [
    ...missing.map((file) => `${suite.task}: ${file} was not run`),
    ...strange.map((file) => `${suite.task}: ${file} is not one of its files, or was run twice`),
  ];
}

/** What a file asks for in words of its own, by the name under which it may be missing. */
const WORDS: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/openssl/i, "openssl"],
  [/systemd-analyze/, "systemd"],
  [/\btheirProgram\b/, "peers"],
  [/NARTHEX_CONFORMANCE/, "NARTHEX_CONFORMANCE"],
];

/** Why tests of a file may have been skipped: what it asks for and this machine lacks. */
export function reasonsToSkip(text: string, missing: readonly string[]): string[] {
  const named = [...text.matchAll(/\blacks\(([^)]*)\)/g)].flatMap(([, names = ""]) =>
    [...names.matchAll(/"([^"]+)"/g)].map(([, name]) => name!),
  );
  const implied = WORDS.filter(([pattern]) => pattern.test(text)).map(([, name]) => name);
  return [...new Set([...named, ...implied])].filter((name) => missing.includes(name));
}

/** One line for a file with skipped tests. */
export function skipLine({ file, count }: { file: string; count: number }, missing: readonly string[]): string {
  const reasons = reasonsToSkip(readFileSync(join(root, file), "utf8"), missing);
  const why = reasons.length === 0 ? "" : `, for want of ${reasons.join(", ")}`;
  return `skipped: ${file}: ${count} ${count === 1 ? "test" : "tests"}${why}`;
}
