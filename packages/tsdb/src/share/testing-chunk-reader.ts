import { parentPort, workerData } from "node:worker_threads";
import { seededRandom } from "@narthex/runtime";
import { SampleColumns, SampleSpans } from "@narthex/storage";
import type { ChunkMemoryHandles } from "../select/chunk-memory.ts";
import { DecodedChunks } from "../select/decoded-chunks.ts";

/**
 * Job of a thread in the stress test of the chunk cache. The thread caches and reads chunks whose samples can be
 * computed from their reference, and reports differences.
 */
export interface ChunkOrder {
  readonly handles: ChunkMemoryHandles;
  readonly rounds: number;
  readonly refs: number;
  readonly seed: number;
}

export interface ChunkVerdict {
  readonly found: number;
  readonly kept: number;
  readonly problems: readonly string[];
}

const { handles, rounds, refs, seed } = workerData as ChunkOrder;
const BLOCKS = 3;
const random = seededRandom(seed);
const drawn = (count: number): number => Math.floor(random() * count);
const cache = new DecodedChunks(handles, () => 1, random);
const problems: string[] = [];
let [found, kept] = [0, 0];

const countOf = (ref: number): number => 1 + (ref % 200);
const stepOf = (ref: number, i: number): number => (ref % 3 === 0 && i % 2 === 1 ? 11 : 10);
const valueOf = (block: number, ref: number, i: number): number => ref * 7 + block + (ref % 2 === 0 ? i : i / 3);

function chunkOf(block: number, ref: number): SampleColumns {
  const columns = new SampleColumns(1);
  let time = ref;
  const value = new Float64Array(1);
  const words = new Uint32Array(value.buffer);
  for (let i = 0; i < countOf(ref); i++) {
    value[0] = valueOf(block, ref, i);
    columns.pushFloat((time += stepOf(ref, i)), words, 0);
  }
  return columns;
}

function readWhole(block: number, ref: number, slot: number): void {
  const into = new SampleColumns(1);
  cache.read(slot, -Infinity, Infinity, into);
  const expected = chunkOf(block, ref);
  let same = into.count === expected.count;
  for (let i = 0; same && i < into.count; i++)
    same = into.values[i] === expected.values[i] && into.timestamps[i] === expected.timestamps[i];
  if (!same) problems.push(`block ${block}, chunk ${ref}: ${into.count} samples that are not its own`);
}

function readSpans(block: number, ref: number, slot: number): void {
  const spans = new SampleSpans();
  if (!cache.addSpans(slot, -Infinity, Infinity, spans)) problems.push(`chunk ${ref}: no spans`);
  // Checks the spans three times, because other threads may overwrite the cache's memory between the checks.
  for (let pass = 0; pass < 3; pass++) {
    let at = 0;
    for (let span = 0; span < spans.count; span++)
      for (let i = 0; i < spans.before[span + 1]! - spans.before[span]!; i++, at++)
        if (spans.valueAt(span, i) !== valueOf(block, ref, at)) problems.push(`chunk ${ref}: a span has changed`);
    if (at !== countOf(ref)) problems.push(`chunk ${ref}: ${at} samples in spans`);
  }
}

for (let round = 0; round < rounds && problems.length < 5; round++) {
  cache.begin();
  const block = 1 + drawn(BLOCKS);
  const ref = drawn(refs);
  let slot = cache.find(block, ref, drawn(2000));
  if (slot < 0) {
    slot = cache.keep(block, ref, chunkOf(block, ref), 0);
    if (slot >= 0) kept++;
  } else found++;
  if (slot >= 0) (round % 2 === 0 ? readWhole : readSpans)(block, ref, slot);
  if (round % 5000 === 4999) cache.forget(1 + drawn(BLOCKS));
}
parentPort!.postMessage({ found, kept, problems } satisfies ChunkVerdict);
