import { spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { seededRandom } from "../packages/runtime/src/index.ts";

/**
 * `node checks/starve.ts [--seed N] COMMAND [ARGUMENT…]` runs a command, usually tests, and pauses random descendant
 * processes, as a busy machine does. A test that fails only here depends on process scheduling. Exits with the
 * command's status. The seed determines the length and frequency of the pauses; at which point of a test a pause
 * happens is not reproducible.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  args: ownArguments(process.argv.slice(2)),
  options: { seed: { type: "string" } },
});
const [command, ...args] = positionals;
if (command === undefined) throw new Error("starve.ts: name a command to run");

const MAX_SEED = 2 ** 31 - 1;
/**
 * Mean pause lengths in ms (exponential distribution). Short pauses reorder the actions of processes; long pauses let
 * timers of one process expire before another process has acted.
 */
const SHORT_STOP_MS = 20;
const LONG_STOP_MS = 300;
const LONGEST_STOP_MS = 3000;
const PAUSE_MS = 30;

const seed = Number(values.seed ?? randomInt(1, MAX_SEED));
const random = seededRandom(seed);
const child = spawn(command, args, { stdio: "inherit" });
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
const ended = new Promise<number>((resolve) => child.once("close", (code) => resolve(code ?? 1)));
const over = new AbortController();
void ended.then(() => over.abort());

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const exponential = (mean: number): number => -mean * Math.log(1 - random());
let [stops, stoppedMs] = [0, 0];
/* oxlint-disable no-await-in-loop -- one stop after the other */
while (!over.signal.aborted) {
  await pause(exponential(PAUSE_MS));
  const processes = descendants(child.pid!);
  // Stops all processes in one of five rounds, as if the machine itself paused.
  const chosen = random() < 0.2 ? processes : processes.filter(() => random() < 0.3);
  const ms = Math.min(exponential(random() < 0.8 ? SHORT_STOP_MS : LONG_STOP_MS), LONGEST_STOP_MS);
  const stopped = chosen.filter((pid) => signal(pid, "SIGSTOP"));
  await pause(ms);
  for (const pid of stopped) signal(pid, "SIGCONT");
  stops += stopped.length;
  stoppedMs += stopped.length * ms;
}
/* oxlint-enable no-await-in-loop */
process.exitCode = await ended;
process.stdout.write(`starve: seed ${seed}, ${stops} stops of ${Math.round(stoppedMs / stops || 0)} ms on average\n`);

/**
 * Returns the arguments of this program, which precede the command. The words after the command's name belong to the
 * command.
 */
function ownArguments(given: readonly string[]): string[] {
  const own = given[0]?.startsWith("--seed=") ? 1 : given[0] === "--seed" ? 2 : 0;
  return [...given.slice(0, own), "--", ...given.slice(own)];
}

function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    // Returns false, because the process has already ended.
    return false;
  }
}

/** Returns the descendants of a process, except processes that are already stopped by a signal. */
function descendants(ancestor: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const [, state, fields = ""] = /^.*\) (.) (.*)$/s.exec(readFileSync(`/proc/${name}/stat`, "latin1")) ?? [];
      if (state !== "T") parents.set(Number(name), Number.parseInt(fields, 10));
    } catch {
      // Ignores the error: the process has ended in the meantime.
    }
  }
  const found = new Set([ancestor]);
  for (let before = 0; before < found.size;) {
    before = found.size;
    for (const [pid, parent] of parents) if (found.has(parent)) found.add(pid);
  }
  found.delete(ancestor);
  return [...found];
}
