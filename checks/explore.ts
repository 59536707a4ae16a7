import { type ChildProcess, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { randomisedSuites, repeatCommand } from "./randomised-tests.ts";
import { clashesOf, runSideBySide } from "./side-by-side.ts";
import { root } from "./sources.ts";
import { failedFiles, readReport, tally } from "./test-reports.ts";
import { reportOf, type Suite, suites } from "./suites.ts";

/**
 * `pnpm explore [--minutes N] [SUITE…]` runs the randomised tests of all suites again and again with new seeds, for N
 * minutes. SUITE selects suites by name (`tsdb`, `server-promql`). For each failed test it prints the seed and the
 * command to repeat the test. If a test failed, it exits with 1.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { minutes: { type: "string", default: "10" } },
});
const minutes = Number(values.minutes);
if (!(minutes > 0)) throw new Error(`--minutes ${values.minutes}: expected a number over 0`);

const MAX_SEED = 2 ** 31 - 1;
/** Time in ms between two stop signals to a test suite, so that its servers can stop. */
const STOP_MS = 5000;

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const chosen = randomisedSuites(suites()).filter(
  ({ task }) => positionals.length === 0 || positionals.some((word) => task.includes(word)),
);
if (chosen.length === 0) throw new Error(`no randomised suite has a name with ${positionals.join(" or ")}`);

const running = new Set<ChildProcess>();
const over = new AbortController();
let [runs, failures] = [0, 0];

function signalAll(signal: NodeJS.Signals): void {
  for (const { pid } of running) {
    try {
      process.kill(-pid!, signal);
    } catch {
      // Ignores the error: the suite has ended in the meantime.
    }
  }
}

function stop(): void {
  over.abort();
  signalAll("SIGTERM");
  setTimeout(() => signalAll("SIGKILL"), STOP_MS).unref();
}

/** Runs the randomised test files of a suite with a new seed and reports failures. */
async function explore(suite: Suite): Promise<void> {
  if (over.signal.aborted) return;
  const seed = randomInt(1, MAX_SEED);
  const name = `explore:${suite.name}`;
  const folder = join(root, suite.folder);
  const files = suite.files.map((file) => file.slice(suite.folder === "" ? 0 : suite.folder.length + 1));
  const child = spawn(process.execPath, [join(root, "checks/run-suite.ts"), name, ...files, ...suite.options], {
    cwd: folder,
    stdio: "ignore",
    detached: true,
    env: { ...process.env, NARTHEX_SEED: String(seed) },
  });
  running.add(child);
  await new Promise((resolve) => child.once("close", resolve));
  running.delete(child);
  const report = readReport({ ...suite, name });
  rmSync(reportOf(suite.folder, name), { force: true });
  // Ignores a suite that was stopped at the time limit, because it has no report.
  if (over.signal.aborted && report === undefined) return;
  runs++;
  const result = tally([{ suite: { ...suite, name }, report }]);
  failures += result.failed;
  for (const failure of result.failures) print(failure);
  const failed = report === undefined ? suite.files : failedFiles(report);
  for (const file of failed) print(`  ${repeatCommand(suite, file, seed)}`);
}

const shuffled = <T>(items: readonly T[]): T[] =>
  items
    .map((item) => [randomInt(MAX_SEED), item] as const)
    .toSorted(([a], [b]) => a - b)
    .map(([, item]) => item);

for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, stop);
const timer = setTimeout(stop, minutes * 60_000);
const clash = clashesOf(chosen);
const lanes = {
  count: availableParallelism(),
  share: () => 1,
  clash: (one: Suite, other: Suite) => clash(one.task, other.task),
};
while (!over.signal.aborted) {
  // oxlint-disable-next-line no-await-in-loop -- a round begins when all suites have had their turn
  await runSideBySide(shuffled(chosen), lanes, explore);
}
clearTimeout(timer);
print(`explored: ${runs} runs of ${chosen.length} suites, ${failures} failures`);
process.exitCode = failures > 0 ? 1 : 0;
