import { parentPort, workerData } from "node:worker_threads";
import { Matcher } from "@narthex/model";
import { SampleColumns } from "@narthex/storage";
import { attachStorage, type StorageHandles } from "./attach-storage.ts";

/** The reading thread of the stress test: selects everything again and again, and says what was not as it must be. */
export interface ReaderOrder {
  readonly handles: StorageHandles;
  readonly stepMs: number;
  readonly series: number;
}

export interface ReaderVerdict {
  readonly looks: number;
  readonly samples: number;
  readonly problems: readonly string[];
}

const port = parentPort!;
const { handles, stepMs, series } = workerData as ReaderOrder;
const storage = attachStorage(handles);
const into = new SampleColumns();
const problems: string[] = [];
let looks = 0;
let samples = 0;
const stop = new AbortController();

/** From its first to its last sample a series has one at every step, whose value is the number of the step. */
async function look(): Promise<void> {
  const querier = storage.queryable.querier(-Infinity, Infinity);
  const set = await querier.select([new Matcher("=", "__name__", "steady")], { start: -Infinity, end: Infinity });
  if (set.labels.length !== series) problems.push(`${set.labels.length} series`);
  const ends = new Set<number>();
  for (const [index, labels] of set.labels.entries()) {
    set.read(index, -Infinity, Infinity, into);
    samples += into.count;
    for (let i = 0; i < into.count; i++) {
      const time = into.timestamps[i]!;
      if (into.values[i]! * stepMs !== time) problems.push(`${String(labels)}: ${into.values[i]!} at ${time}`);
      if (i > 0 && time !== into.timestamps[i - 1]! + stepMs) problems.push(`${String(labels)}: a gap before ${time}`);
    }
    ends.add(into.count === 0 ? -1 : into.timestamps[into.count - 1]!);
  }
  if (ends.size !== 1) problems.push(`ends differ: ${[...ends].join()}`);
  querier.close();
  looks++;
}

port.on("message", () => stop.abort());

async function run(): Promise<void> {
  port.postMessage("ready");
  while (!stop.signal.aborted && problems.length < 10) {
    await look();
    await new Promise((resolve) => setImmediate(resolve));
  }
  storage.close();
  port.postMessage({ looks, samples, problems } satisfies ReaderVerdict);
  port.close();
}
void run();
