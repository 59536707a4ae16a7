import { readFileSync } from "node:fs";
import { join } from "node:path";
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
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Files with skipped tests, from the root. */
  readonly skippedIn: readonly { readonly file: string; readonly count: number }[];
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
  const skippedIn: { file: string; count: number }[] = [];
  for (const { suite, report } of reports) {
    if (report === undefined) {
      problems.push(`${suite.task}: the test runner left no report`);
      failed += 1;
      continue;
    }
    const broken = report.testResults.filter(
      ({ status, assertionResults }) => status === "failed" && assertionResults.length === 0,
    );
    passed += report.numPassedTests;
    failed += report.numFailedTests + broken.length;
    skipped += report.numPendingTests + report.numTodoTests;
    if (!report.success) problems.push(`${suite.task}: the test runner says that it failed`);
    const ran = report.testResults.map(({ name }) => fileOf(name));
    problems.push(...differences(suite, ran));
    for (const [i, { assertionResults }] of report.testResults.entries()) {
      const count = assertionResults.filter(({ status }) => status === "skipped" || status === "pending").length;
      if (count > 0) skippedIn.push({ file: ran[i]!, count });
    }
  }
  return { passed, failed, skipped, skippedIn: skippedIn.toSorted((a, b) => (a.file < b.file ? -1 : 1)), problems };
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
  [/systemd-analyze/, "systemd-analyze"],
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
