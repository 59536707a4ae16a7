/**
 * Runs the storage simulation for many seeds: `node packages/tsdb/src/testing/run-seeds.ts [count] [first]
 * [operations]`. Prints the seeds that fail; the exit status is 1 if one fails.
 */
import type { SimulationReport } from "./simulation-report.ts";
import { simulate } from "./simulation.ts";

const [count = "10000", first = "1", operations = "120"] = process.argv.slice(2);
const totals: Record<string, number> = {};
const failed: number[] = [];
for (let seed = Number(first); seed < Number(first) + Number(count); seed++) {
  try {
    add(await simulate(seed, Number(operations)));
  } catch (cause) {
    failed.push(seed);
    if (failed.length <= 3) process.stdout.write(`${cause instanceof Error ? cause.message : String(cause)}\n\n`);
  }
}
process.stdout.write(`${JSON.stringify({ seeds: Number(count), failed: failed.length, ...totals })}\n`);
if (failed.length > 0) process.stdout.write(`failing seeds: ${failed.slice(0, 50).join(" ")}\n`);
process.exitCode = failed.length > 0 ? 1 : 0;

function add(report: SimulationReport): void {
  const { faults, seed: _, ...counts } = report;
  for (const [name, value] of [...Object.entries(counts), ...Object.entries(faults)])
    totals[name] = (totals[name] ?? 0) + value;
}
