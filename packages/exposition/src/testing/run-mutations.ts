/**
 * Tries mutated bodies in all readers: `node packages/exposition/src/testing/run-mutations.ts [count] [first seed]
 * [folder of bodies]`. Prints seeds that fail or do not finish within a minute; the exit status is then 1.
 */
import { Worker, isMainThread, parentPort, workerData } from "node:worker_threads";
import type { BodyFormat } from "../negotiation/negotiate.ts";
import { corpus } from "./corpus.ts";
import { tryReaders } from "./reader-trial.ts";

const STALL_MS = 60_000;

interface TrialJob {
  readonly count: number;
  readonly first: number;
  readonly folder: string | undefined;
  /** Shared memory with the seed that the thread is trying, so that a stalled seed is known. */
  readonly progress: Int32Array;
}

/** Results of a run, by format. */
interface Totals {
  readonly tried: Record<BodyFormat, number>;
  readonly refused: Record<BodyFormat, number>;
  entries: number;
  readonly failing: number[];
}

function work({ count, first, folder, progress }: TrialJob): Totals {
  const bodies = corpus(folder);
  const zero = (): Record<BodyFormat, number> => ({ text: 0, openmetrics: 0, protobuf: 0 });
  const totals: Totals = { tried: zero(), refused: zero(), entries: 0, failing: [] };
  for (let seed = first; seed < first + count; seed++) {
    Atomics.store(progress, 0, seed);
    try {
      const { format, refused, entries } = tryReaders(seed, bodies);
      totals.tried[format]++;
      if (refused) totals.refused[format]++;
      totals.entries += entries;
    } catch (error) {
      totals.failing.push(seed);
      if (totals.failing.length <= 5) process.stdout.write(`seed ${seed}: ${(error as Error).stack}\n\n`);
    }
  }
  return totals;
}

if (!isMainThread) parentPort!.postMessage(work(workerData as TrialJob));
else {
  const [count = "100000", first = "1", folder] = process.argv.slice(2);
  const progress = new Int32Array(new SharedArrayBuffer(4));
  const order: TrialJob = { count: Number(count), first: Number(first), folder, progress };
  const worker = new Worker(new URL(import.meta.url), { workerData: order });
  let seen = -1;
  const watch = setInterval(() => {
    const seed = Atomics.load(progress, 0);
    if (seed === seen) {
      process.stdout.write(`seed ${seed} does not end\n`);
      process.exitCode = 1;
      void worker.terminate();
    }
    seen = seed;
  }, STALL_MS);
  worker.on("message", (totals: Totals) => {
    process.stdout.write(`${JSON.stringify({ ...totals, failing: totals.failing.length })}\n`);
    if (totals.failing.length === 0) return;
    process.stdout.write(`failing seeds: ${totals.failing.slice(0, 50).join(" ")}\n`);
    process.exitCode = 1;
  });
  worker.on("exit", () => clearInterval(watch));
}
