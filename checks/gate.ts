import { availableParallelism } from "node:os";
import { setTimeout } from "node:timers/promises";
import { IdleMachine } from "./idle-machine.ts";
import { machineFingerprint, missing } from "./test-machine.ts";
import { clashesOf, runSideBySide } from "./side-by-side.ts";
import { LONGEST_FIRST, MOSTLY_WAITING, suites } from "./suites.ts";
import { lastLines, readReport, skipLine, tally } from "./test-reports.ts";
import { logOf, type PlannedTask, Turborepo } from "./turborepo.ts";

/**
 * Runs all checks of the repository: types, lint, format, then every test; `--static` skips the tests. Turborepo caches
 * the result of each check and test suite until an input changes; `--force` ignores cached results.
 */
const CHECKS = ["//#check:types", "//#check:ui-types", "//#check:lint", "//#check:exports", "//#check:format"];

/**
 * Capacity for concurrent test suites: two more than CPU cores, because suites wait for servers and clocks, but at most
 * four, to limit the number of servers and browsers. A suite uses 1 of the capacity, or 1/2 if it mostly waits.
 */
const LANES = Math.min(4, availableParallelism() + 2);
/** Upper limit of the capacity while CPU cores are idle. Suites that start servers spend much of their time waiting. */
const MAX_LANES = LANES + 3;
/** Wait in ms after the start of a suite until its CPU and memory use is visible. */
const PAUSE_MS = 3000;
const idleMachine = new IdleMachine();
const spare = {
  count: MAX_LANES,
  isIdle: () => idleMachine.isIdle(),
  pause: () => setTimeout(PAUSE_MS, undefined, { ref: false }),
};
const shareOf = ({ taskId }: PlannedTask): number => (MOSTLY_WAITING.includes(taskId) ? 0.5 : 1);

const [isStatic, isForced] = [process.argv.includes("--static"), process.argv.includes("--force")];
const print = (line: string): void => void process.stdout.write(`${line}\n`);

/**
 * Runs tasks concurrently and starts them in the given order.
 * @returns names of those that failed
 */
async function runAll(turborepo: Turborepo, tasks: readonly PlannedTask[]): Promise<string[]> {
  const failed: string[] = [];
  const cached = tasks.filter(({ isCached }) => isCached).map(({ taskId }) => taskId);
  if (cached.length > 0) {
    const { passed, output } = await turborepo.run(cached);
    print(passed ? `ok: ${cached.length} tasks as before, for nothing has changed that they depend on` : output);
    if (!passed) failed.push(...cached);
  }
  const run = async (task: PlannedTask): Promise<void> => {
    const started = performance.now();
    const { passed, output } = await turborepo.run([task.taskId]);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    print(logOf(task) || output);
    print(`${passed ? "ok" : "FAILED"}: ${task.taskId} (${seconds} s)`);
    if (!passed) failed.push(task.taskId);
  };
  const clash = clashesOf(all);
  const waiting = tasks.filter(({ isCached }) => !isCached);
  const clashOf = (task: PlannedTask, other: PlannedTask): boolean => clash(task.taskId, other.taskId);
  await runSideBySide(waiting, { count: LANES, share: shareOf, clash: clashOf, spare }, run);
  return failed;
}

/** Position of a suite in LONGEST_FIRST. Suites that are not listed come last. */
const rank = (taskId: string): number =>
  LONGEST_FIRST.includes(taskId) ? LONGEST_FIRST.indexOf(taskId) : LONGEST_FIRST.length;

const all = isStatic ? [] : suites();
const order = [...CHECKS, ...all.map(({ task }) => task).toSorted((a, b) => rank(a) - rank(b))];
const env = { ...process.env, FORCE_COLOR: process.env["FORCE_COLOR"] ?? "0" };
const turborepo = new Turborepo(isStatic ? env : { ...env, NARTHEX_TEST_MACHINE: machineFingerprint() }, isForced);
const planned = new Map(turborepo.plan(order).map((task) => [task.taskId, task]));
const failed = await runAll(
  turborepo,
  order.map((taskId) => planned.get(taskId)!),
);
if (isStatic) {
  process.exitCode = failed.length > 0 ? 1 : 0;
} else {
  const result = tally(all.map((suite) => ({ suite, report: readReport(suite) })));
  // Prints the end of the output of each suite whose test runner crashed, because it has reported no failed test.
  for (const suite of all)
    if (failed.includes(suite.task) && tally([{ suite, report: readReport(suite) }]).failures.length === 0)
      print(`${suite.task} ended with:\n${lastLines(logOf(planned.get(suite.task)!))}`);
  const lacking = missing();
  for (const one of result.skippedIn) print(skipLine(one, lacking));
  for (const failure of result.failures) print(failure);
  for (const problem of result.problems) print(problem);
  const nothingMayBeSkipped = process.env["NARTHEX_SKIP_NOTHING"] === "1" && result.skipped > 0;
  if (failed.length > 0) print(`failed: ${failed.join(", ")}`);
  if (nothingMayBeSkipped) print("tests were skipped where none may be");
  print(`${result.passed} passed, ${result.failed} failed, ${result.skipped} skipped`);
  const isGood = failed.length === 0 && result.failed === 0 && result.problems.length === 0 && !nothingMayBeSkipped;
  process.exitCode = isGood ? 0 : 1;
}
