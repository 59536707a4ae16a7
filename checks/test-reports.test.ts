import { expect, test } from "vitest";
import { lastLines, reasonsToSkip, type RunnerReport, tally } from "./test-reports.ts";
import { suites } from "./suites.ts";

const suite = suites().find(({ folder }) => folder === "packages/tls")!;

/** Creates a report of the test runner with one test of the given status in each file. */
function report(files: readonly string[], status = "passed", prefix = "/elsewhere/checkout/"): RunnerReport {
  const count = (wanted: string): number => (status === wanted ? files.length : 0);
  return {
    success: status !== "failed",
    numPassedTests: count("passed"),
    numFailedTests: count("failed"),
    numPendingTests: count("skipped"),
    numTodoTests: 0,
    testResults: files.map((file) => ({
      name: prefix + file,
      status: status === "failed" ? "failed" : "passed",
      assertionResults: [{ status }],
    })),
  };
}

test("tally() adds up the runner's counts, including those of a kept report from another checkout", () => {
  const counted = tally([{ suite, report: report(suite.files) }]);
  expect(counted).toEqual({
    passed: suite.files.length,
    failed: 0,
    skipped: 0,
    skippedIn: [],
    failures: [],
    problems: [],
  });
});

test("tally() names a file once, whatever the number of its skipped tests", () => {
  const counted = tally([{ suite, report: report(suite.files, "skipped") }]);
  expect(counted.skipped).toBe(suite.files.length);
  expect(counted.skippedIn).toEqual(suite.files.map((file) => ({ file, count: 1 })));
});

test("tally() counts failed tests, and an unreadable file as one", () => {
  expect(tally([{ suite, report: report(suite.files, "failed") }]).failed).toBe(suite.files.length);
  const unread = report(suite.files, "failed");
  const testResults = unread.testResults.map((result) => ({ ...result, assertionResults: [] }));
  expect(tally([{ suite, report: { ...unread, numFailedTests: 0, testResults } }]).failed).toBe(suite.files.length);
  const ended = testResults.map((result) => ({ ...result, assertionResults: [{ status: "passed" }] }));
  const hooks = tally([{ suite, report: { ...unread, numFailedTests: 0, testResults: ended } }]);
  expect([hooks.failed, hooks.failures.length]).toEqual([suite.files.length, suite.files.length]);
});

test("tally() lists each failed test and broken file in a line without colours", () => {
  const [file = ""] = suite.files;
  const { testResults, ...counts } = report([file], "failed");
  const failureMessages = ["\u001B[31mError: expected 1\u001B[39m\n    at there"];
  const failed = { ...testResults[0]!, assertionResults: [{ status: "failed", fullName: "it adds", failureMessages }] };
  const broken = { ...testResults[0]!, message: "Cannot find module\nof it", assertionResults: [] };
  expect(tally([{ suite, report: { ...counts, testResults: [failed] } }]).failures).toEqual([
    `failed: ${file} > it adds: Error: expected 1`,
  ]);
  expect(tally([{ suite, report: { ...counts, testResults: [broken] } }]).failures).toEqual([
    `failed: ${file}: Cannot find module`,
  ]);
});

test.each([
  ["a suite without a report", undefined, "left no report"],
  ["a file that was not run", report(suite.files.slice(1)), `${suite.files[0]} was not run`],
  ["a file that was run twice", report([...suite.files, suite.files[0]!]), "was run twice"],
  ["a file of another suite", report([...suite.files, "packages/tsdb/src/x.test.ts"]), "is not one of its files"],
])("tally() finds %s", (_, given, problem) => {
  expect(tally([{ suite, report: given }]).problems.join("\n")).toContain(problem);
});

test("lastLines() returns the end of an output without colours", () => {
  const lines = Array.from({ length: 100 }, (_, i) => `line ${i}`);
  const end = lastLines(`${lines.join("\n")}\n\u001B[31mWorker exited unexpectedly\u001B[39m\n\n`).split("\n");
  expect([end.length, end[0], end.at(-1)]).toEqual([40, "line 61", "Worker exited unexpectedly"]);
});

test("tally() names the first file that was not run, and counts the others", () => {
  const { problems } = tally([{ suite, report: report([]) }]);
  expect(problems).toEqual([
    `${suite.task}: ${suite.files[0]} was not run, nor were ${suite.files.length - 1} other files`,
  ]);
});

test("reasonsToSkip() finds requirements of a file that the machine does not have", () => {
  const text = 'const absent = lacks("docker", "peers");\nconst folder = process.env["NARTHEX_CONFORMANCE"];';
  expect(reasonsToSkip(text, ["docker", "browser", "NARTHEX_CONFORMANCE"])).toEqual(["docker", "NARTHEX_CONFORMANCE"]);
  expect(reasonsToSkip(text, ["browser"])).toEqual([]);
});
