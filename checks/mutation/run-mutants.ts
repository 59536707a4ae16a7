import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { seededRandom } from "../../packages/runtime/src/index.ts";
import { root, type SourceFile, sourceFiles } from "../sources.ts";
import { type Mutant, mutantsOf, withMutant } from "./mutants.ts";
import { RelatedTests } from "./related-tests.ts";

/**
 * `pnpm mutate [--lines N] [--seed S] [--tests M] [FOLDER…]` changes random lines of the engine's packages or of the
 * given folders, one after the other. For each change it runs the nearest unit tests that import the file (`--tests`:
 * at most M test files). It prints each undetected change, and the share of changes that tests detected. A change is
 * ignored if its tests also fail on the unchanged file. Use a clone: the program changes files of this checkout.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    lines: { type: "string", default: "300" },
    seed: { type: "string", default: "1" },
    tests: { type: "string" },
  },
});

const FOLDERS = [
  "packages/tsdb/src/",
  "packages/promql/src/",
  "packages/alerting/src/",
  "packages/remote/src/",
  "apps/dashboards/src/auth/",
];
/** Number of test files in the first run for a mutation: the nearest tests detect most mutations. */
const NEAR_TESTS = 6;
/** Time in ms after which a run without a mutation ends. */
const MAX_MS = 15 * 60_000;
/** A run with a mutation counts as hanging after this multiple of the time without the mutation, in ms. */
const HANGING = { factor: 10, leastMs: 60_000 };

type Outcome = "noticed" | "hung" | "survived";
/** Result of the tests for a mutation. `broken` means that the tests also fail without the mutation. */
type Verdict = Outcome | "untested" | "broken";

interface Chosen {
  readonly path: string;
  readonly mutant: Mutant;
}

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const random = seededRandom(Number(values.seed));
const oneOf = <T>(choices: readonly T[]): T => choices[Math.floor(random() * choices.length)]!;

/** Excludes `testing-….ts` files, which are programs of threads that tests start. */
const isMeant = ({ path, isTest }: SourceFile): boolean =>
  !isTest &&
  !path.includes("/testing-") &&
  (positionals.length > 0 ? positionals : FOLDERS).some((folder) => path.startsWith(folder));

/** Selects random lines, each at most once, and one random mutation of each line. */
function choose(count: number): Chosen[] {
  const lines = sourceFiles()
    .filter(isMeant)
    .flatMap(({ path, lines: text }) => {
      const byLine = Map.groupBy(mutantsOf(text.join("\n"), path), ({ line }) => line);
      return [...byLine.values()].map((mutants) => ({ path, mutants }));
    });
  const chosen: Chosen[] = [];
  while (chosen.length < count && lines.length > 0) {
    const [{ path, mutants }] = lines.splice(Math.floor(random() * lines.length), 1) as [(typeof lines)[number]];
    chosen.push({ path, mutant: oneOf(mutants) });
  }
  return chosen;
}

/** Process of the running tests, which leads its own process group. */
let running: ChildProcess | undefined;
/** Path and original text of the file that is currently mutated. */
let changed: { readonly file: string; readonly text: string } | undefined;

const killTests = (): void => {
  try {
    if (running?.pid !== undefined) process.kill(-running.pid, "SIGKILL");
  } catch {
    // Ignores the error: the process group has already ended.
  }
};
const restore = (): void => {
  if (changed !== undefined) writeFileSync(changed.file, changed.text);
  changed = undefined;
};
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    killTests();
    restore();
    process.exit(1);
  });
}

function runTests(tests: readonly string[], maxMs: number): Promise<Outcome> {
  const args = ["run", "--project", "unit", "--no-isolate", "--maxWorkers=1", "--bail=1", "--reporter=dot", ...tests];
  const child = spawn(join(root, "node_modules/.bin/vitest"), args, { cwd: root, stdio: "ignore", detached: true });
  running = child;
  const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
  const timer = setTimeout(() => {
    killTests();
    resolve("hung");
  }, maxMs);
  child.once("error", reject);
  child.once("exit", (status) => resolve(status === 0 ? "survived" : "noticed"));
  return promise.finally(() => {
    clearTimeout(timer);
    running = undefined;
  });
}

/** Time in ms that a test file takes without a mutation, by path. Infinity if the test fails. */
const durations = new Map<string, number>();

async function measure(tests: readonly string[]): Promise<void> {
  const unknown = tests.filter((test) => !durations.has(test));
  if (unknown.length === 0) return;
  const start = Date.now();
  const pass = (await runTests(unknown, MAX_MS)) === "survived";
  if (pass || unknown.length === 1) {
    for (const test of unknown) durations.set(test, pass ? (Date.now() - start) / unknown.length : Infinity);
    return;
  }
  // oxlint-disable-next-line no-await-in-loop -- finds the test that fails
  for (const test of unknown) await measure([test]);
}

async function durationUnchanged(tests: readonly string[]): Promise<number> {
  await measure(tests);
  return tests.reduce((sum, test) => sum + durations.get(test)!, 0);
}

async function runWith({ path, mutant }: Chosen, tests: readonly string[], maxMs: number): Promise<Outcome> {
  const file = join(root, path);
  const text = readFileSync(file, "utf8");
  changed = { file, text };
  try {
    writeFileSync(file, withMutant(text, mutant));
    return await runTests(tests, maxMs);
  } finally {
    restore();
  }
}

async function judge(one: Chosen, tests: readonly string[]): Promise<Verdict> {
  if (tests.length === 0) return "untested";
  for (const list of [tests.slice(0, NEAR_TESTS), tests.slice(NEAR_TESTS)].filter(({ length }) => length > 0)) {
    // oxlint-disable no-await-in-loop -- the checkout has one change at a time
    const duration = await durationUnchanged(list);
    if (duration === Infinity) return "broken";
    const outcome = await runWith(one, list, Math.max(HANGING.leastMs, HANGING.factor * duration));
    if (outcome !== "survived") return outcome;
    // oxlint-enable no-await-in-loop
  }
  return "survived";
}

const related = new RelatedTests();
const maxTests = Number(values.tests ?? Infinity);
const counts: Record<Verdict, number> = { noticed: 0, hung: 0, survived: 0, untested: 0, broken: 0 };
for (const one of choose(Number(values.lines))) {
  const { path, mutant } = one;
  const start = Date.now();
  // oxlint-disable-next-line no-await-in-loop -- the checkout has one change at a time
  const verdict = await judge(one, related.of(path).slice(0, maxTests));
  counts[verdict]++;
  const old = readFileSync(join(root, path), "utf8").slice(mutant.start, mutant.end);
  const seconds = ((Date.now() - start) / 1000).toFixed(0);
  print(
    `${verdict}\t${path}:${mutant.line}\t${JSON.stringify(old)} -> ${JSON.stringify(mutant.replacement)}\t${seconds} s`,
  );
}
const total = counts.noticed + counts.hung + counts.survived + counts.untested;
const share = ((100 * (counts.noticed + counts.hung)) / total).toFixed(0);
print(`${share} % of ${total} changes noticed: ${JSON.stringify(counts)}`);
