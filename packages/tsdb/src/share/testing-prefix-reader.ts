import { parentPort, workerData } from "node:worker_threads";
import { Matcher } from "@narthex/model";
import { SampleColumns } from "@narthex/storage";
import { attachStorage, type StorageHandles } from "./attach-storage.ts";

/** Job of the reading thread in the stress tests of deletions. The thread reads repeatedly and reports errors. */
export interface PrefixOrder {
  readonly handles: StorageHandles;
  readonly stepMs: number;
  readonly series: number;
  /**
   * Step (number of the append) up to which the samples of each series have been deleted. The memory is an Int32Array.
   */
  readonly deletedTo: SharedArrayBuffer;
}

export interface PrefixVerdict {
  readonly reads: number;
  readonly samples: number;
  /** Number of reads in which a series began later than in the previous read. */
  readonly shortened: number;
  readonly problems: readonly string[];
}

const port = parentPort!;
const { handles, stepMs, series, deletedTo } = workerData as PrefixOrder;
const storage = attachStorage(handles);
const deleted = new Int32Array(deletedTo);
const into = new SampleColumns();
const problems: string[] = [];
const begins = new Map<string, number>();
const stop = new AbortController();
let reads = 0;
let samples = 0;
let shortened = 0;

interface Span {
  readonly first: number;
  readonly last: number;
}

/** First and last step of a series. Every step between them must have a sample whose value is the step. */
function spanOf(name: string, count: number): Span {
  for (let i = 0; i < count; i++) {
    const time = into.timestamps[i]!;
    if (into.values[i]! * stepMs !== time) problems.push(`${name}: ${into.values[i]!} at ${time}`);
    if (i > 0 && time !== into.timestamps[i - 1]! + stepMs) problems.push(`${name}: a gap before ${time}`);
  }
  return count === 0 ? { first: Infinity, last: -1 } : { first: into.values[0]!, last: into.values[count - 1]! };
}

async function readOnce(): Promise<void> {
  const confirmed = Array.from(deleted, (_, i) => Atomics.load(deleted, i));
  const querier = storage.queryable.querier(-Infinity, Infinity);
  const set = await querier.select([new Matcher("=", "__name__", "steady")], { start: -Infinity, end: Infinity });
  if (set.labels.length !== series) problems.push(`${set.labels.length} series`);
  const spans = set.labels.map((labels, index) => {
    set.read(index, -Infinity, Infinity, into);
    samples += into.count;
    const name = labels.get("i");
    const span = spanOf(name, into.count);
    if (span.first <= confirmed[Number(name)]!) problems.push(`${name}: ${span.first} was deleted before`);
    const before = begins.get(name) ?? span.first;
    if (span.first < before) problems.push(`${name}: begins at ${span.first}, before at ${before}`);
    if (span.first > before) shortened++;
    begins.set(name, span.first);
    return span;
  });
  if (new Set(spans.map(({ last }) => last)).size !== 1) problems.push("the ends differ");
  await Promise.resolve();
  // Reads the selected series a second time. Deletions must not change the result until the querier is closed.
  for (const [index, { first, last }] of spans.entries()) {
    set.read(index, -Infinity, Infinity, into);
    const again = spanOf(set.labels[index]!.get("i"), into.count);
    if (again.first !== first || again.last !== last) problems.push(`a second reading of ${index} differs`);
  }
  querier.close();
  reads++;
}

port.on("message", () => stop.abort());

async function run(): Promise<void> {
  port.postMessage("ready");
  while (!stop.signal.aborted && problems.length < 10) {
    await readOnce();
    await new Promise((resolve) => setImmediate(resolve));
  }
  storage.close();
  port.postMessage({ reads, samples, shortened, problems } satisfies PrefixVerdict);
  port.close();
}
void run();
