import { availableParallelism } from "node:os";
import { calibrate } from "./calibration.ts";
import { cases } from "./cases.ts";
import { rounds, whyNotKept } from "./flags.ts";
import { beginRun } from "./bench-run.ts";
import { keepResult } from "./kept-results.ts";
import { type CaseResult, printResult, printTable } from "./report.ts";

/**
 * `pnpm bench [NAME…]` runs the benchmarks whose name contains one of the words; each compares this project with an
 * original on the same data. Prints medians, spread and ratios; `--save` stores the figures in results.json, from which
 * `pnpm docs:write` generates docs/benchmarks.md.
 */
const wanted = process.argv.slice(2).filter((word) => !word.startsWith("-"));
const chosen = cases.filter(({ name, byName = false }) =>
  wanted.length === 0 ? !byName : wanted.some((word) => name.includes(word)),
);

const saves = process.argv.includes("--save");
const refusal = saves ? whyNotKept(chosen) : undefined;
if (refusal !== undefined) {
  process.stderr.write(`${refusal}\n`);
  process.exit(1);
}
if (chosen.length === 0) {
  process.stderr.write(`no case matches ${wanted.join(" ")}; there are: ${cases.map(({ name }) => name).join(", ")}\n`);
  process.exitCode = 1;
}
// Exits normally, so that the started programs end together with this process.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
process.stdout.write(`Node ${process.version}; calibration loop ${calibrate().toFixed(0)} ms\n`);
const results: [name: string, result: CaseResult][] = [];
for (const { name, run, usualRounds } of chosen) {
  const describeRun = beginRun();
  const calibrationMs = calibrate();
  const result = await run();
  results.push([name, result]);
  printResult(name, result);
  const described = describeRun();
  process.stdout.write(`  meanwhile other processes used ${described.otherCores} of ${availableParallelism()} cores\n`);
  if (!saves) continue;
  const taken = usualRounds === undefined ? {} : { usualRounds, rounds: rounds(usualRounds) };
  keepResult(name, { ...result, ...taken, calibrationMs: Math.round(calibrationMs), run: described });
}
if (results.length > 1) {
  process.stdout.write("\n");
  printTable(results);
}
