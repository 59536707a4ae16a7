import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { seededRandom } from "../../packages/runtime/src/index.ts";
import { root, type SourceFile, sourceFiles } from "../sources.ts";
import { type Mutant, mutantsOf, withMutant } from "./mutants.ts";
import { RelatedTests } from "./related-tests.ts";

/**
 * `pnpm mutate [--lines N] [--seed S] [FOLDER…]` changes random lines of the engine's packages, one after the other, and runs
 * the unit tests of the line's package that import it, the nearest first, up to the first failure. Prints each line whose
 * change no test noticed, and the share that was noticed. It changes files of this checkout while it runs: use a clone.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { lines: { type: "string", default: "300" }, seed: { type: "string", default: "1" } },
});

const FOLDERS = [
  "packages/tsdb/src/",
  "packages/promql/src/",
  "packages/alerting/src/",
  "packages/remote/src/",
  "apps/dashboards/src/auth/",
];
/** Tests of a first run: those next to the line notice most changes. */
const NEAR_TESTS = 6;
/** A run that takes longer hangs. */
const MOST_MS = 15 * 60_000;

type Verdict = "noticed" | "hung" | "survived";

interface Chosen {
  readonly path: string;
  readonly mutant: Mutant;
}

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const random = seededRandom(Number(values.seed));
const oneOf = <T>(choices: readonly T[]): T => choices[Math.floor(random() * choices.length)]!;

const isMeant = ({ path, isTest }: SourceFile): boolean =>
  !isTest && (positionals.length > 0 ? positionals : FOLDERS).some((folder) => path.startsWith(folder));

/** Draws lines that have mutants, each at most once, and one mutant of each. */
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

function runTests(tests: readonly string[]): Promise<Verdict> {
  const args = ["run", "--project", "unit", "--no-isolate", "--maxWorkers=1", "--bail=1", "--reporter=dot", ...tests];
  const child = spawn(join(root, "node_modules/.bin/vitest"), args, { cwd: root, stdio: "ignore", detached: true });
  return new Promise((end) => {
    const timer = setTimeout(() => {
      process.kill(-child.pid!, "SIGKILL");
      end("hung");
    }, MOST_MS);
    child.once("exit", (status) => {
      clearTimeout(timer);
      end(status === 0 ? "survived" : "noticed");
    });
  });
}

async function judge({ path, mutant }: Chosen, tests: readonly string[]): Promise<Verdict> {
  const file = join(root, path);
  const text = readFileSync(file, "utf8");
  const restore = (): void => writeFileSync(file, text);
  const interrupted = (): void => {
    restore();
    process.exit(1);
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, interrupted);
  try {
    writeFileSync(file, withMutant(text, mutant));
    const near = await runTests(tests.slice(0, NEAR_TESTS));
    if (near !== "survived" || tests.length <= NEAR_TESTS) return near;
    return await runTests(tests.slice(NEAR_TESTS));
  } finally {
    restore();
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.off(signal, interrupted);
  }
}

const related = new RelatedTests();
const counts: Record<Verdict | "untested", number> = { noticed: 0, hung: 0, survived: 0, untested: 0 };
for (const one of choose(Number(values.lines))) {
  const { path, mutant } = one;
  const tests = related.of(path);
  const start = Date.now();
  // oxlint-disable-next-line no-await-in-loop -- the checkout has one change at a time
  const verdict = tests.length === 0 ? "untested" : await judge(one, tests);
  counts[verdict]++;
  const old = readFileSync(join(root, path), "utf8").slice(mutant.start, mutant.end);
  const seconds = ((Date.now() - start) / 1000).toFixed(0);
  print(
    `${verdict}\t${path}:${mutant.line}\t${JSON.stringify(old)} -> ${JSON.stringify(mutant.replacement)}\t${seconds} s`,
  );
}
const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
const share = ((100 * (counts.noticed + counts.hung)) / total).toFixed(0);
print(`${share} % of ${total} changes noticed: ${JSON.stringify(counts)}`);
