import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * The one command that says whether the tree is good: types, lint, format, package boundaries, then every test. With
 * `--static` only what needs no test run. The last line counts the runner's own results.
 */
const root = new URL("..", import.meta.url).pathname;
const bin = (name: string): string => join(root, "node_modules/.bin", name);
const environment = { ...process.env, TURBO_TELEMETRY_DISABLED: "1", FORCE_COLOR: process.env["FORCE_COLOR"] ?? "0" };

interface Step {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
}

const checks: readonly Step[] = [
  { name: "types", command: bin("tsc"), args: ["-p", "tsconfig.json"] },
  { name: "types of the UI", command: bin("tsc"), args: ["-p", "apps/ui/tsconfig.json"] },
  { name: "lint", command: bin("oxlint"), args: ["--type-aware", "--deny-warnings"] },
  { name: "format", command: bin("oxfmt"), args: ["--check", "."] },
];

function run({ name, command, args }: Step): boolean {
  const started = performance.now();
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: "inherit", env: environment });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const passed = status === 0;
  process.stdout.write(`${passed ? "ok" : "FAILED"}: ${name} (${seconds} s)${error ? ` ${error.message}` : ""}\n`);
  return passed;
}

interface Assertion {
  readonly status: string;
  readonly fullName: string;
  readonly failureMessages?: readonly string[];
}

interface RunnerReport {
  readonly success: boolean;
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly numFailedTestSuites: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly Assertion[];
  }[];
}

function tests(): { passed: number; failed: number; skipped: number; ok: boolean } {
  const folder = mkdtempSync(join(tmpdir(), "narthex-gate-"));
  const file = join(folder, "report.json");
  const args = ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
  const { status } = spawnSync(bin("vitest"), args, { cwd: root, stdio: "inherit", env: environment });
  try {
    const report = JSON.parse(readFileSync(file, "utf8")) as RunnerReport;
    const skipped = report.testResults.flatMap(({ name, assertionResults }) =>
      assertionResults
        .filter((one) => one.status === "skipped" || one.status === "pending")
        .map((one) => `${name.slice(root.length)}: ${one.fullName}`),
    );
    for (const line of skipped) process.stdout.write(`skipped: ${line}\n`);
    const suitesBroken = report.testResults.filter(
      (suite) => suite.status === "failed" && suite.assertionResults.length === 0,
    ).length;
    return {
      passed: report.numPassedTests,
      failed: report.numFailedTests + suitesBroken,
      skipped: report.numPendingTests + report.numTodoTests,
      ok: status === 0 && report.success,
    };
  } catch (error) {
    process.stdout.write(`The test runner left no report: ${String(error)}\n`);
    return { passed: 0, failed: 1, skipped: 0, ok: false };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const failedChecks = checks.filter((step) => !run(step)).map((step) => step.name);
if (process.argv.includes("--static")) {
  process.exitCode = failedChecks.length > 0 ? 1 : 0;
} else {
  const { passed, failed, skipped, ok } = tests();
  const nothingMayBeSkipped = process.env["NARTHEX_SKIP_NOTHING"] === "1" && skipped > 0;
  if (failedChecks.length > 0) process.stdout.write(`failed checks: ${failedChecks.join(", ")}\n`);
  if (nothingMayBeSkipped) process.stdout.write("tests were skipped where none may be\n");
  process.stdout.write(`${passed} passed, ${failed} failed, ${skipped} skipped\n`);
  process.exitCode = ok && failed === 0 && failedChecks.length === 0 && !nothingMayBeSkipped ? 0 : 1;
}
