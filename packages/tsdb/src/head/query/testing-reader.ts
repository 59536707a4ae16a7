import { parentPort, workerData } from "node:worker_threads";
import { Matcher } from "@narthex/model";
import { SampleColumns, type SeriesSet } from "@narthex/storage";
import { attachHead, type HeadHandles } from "./attached-head.ts";

/** Program of the reading thread in the stress test. It reads repeatedly and reports errors. */
const port = parentPort!;
const head = attachHead(workerData as HeadHandles);
head.selections.few = 8;
const problems: string[] = [];
const into = new SampleColumns();
let reads = 0;
let samples = 0;
let stopped = false;

/**
 * Checks a series: each value must be the sample's time in seconds, and no sample may be missing. Reports an error
 * otherwise. Returns the time of the newest sample.
 */
function check(set: SeriesSet, index: number): number {
  set.read(index, -Infinity, Infinity, into);
  samples += into.count;
  for (let i = 0; i < into.count; i++) {
    const [time, value] = [into.timestamps[i]!, into.values[i]!];
    if (value * 1000 !== time) problems.push(`${String(set.labels[index])}: ${value} at ${time}`);
    if (i > 0 && time !== into.timestamps[i - 1]! + 1000) {
      problems.push(`${String(set.labels[index])}: ${time} after ${into.timestamps[i - 1]!}`);
    }
  }
  return into.count === 0 ? -1 : into.timestamps[into.count - 1]!;
}

async function readOnce(): Promise<void> {
  const querier = head.querier(-Infinity, Infinity);
  const name = reads % 3 === 2 ? new Matcher("=~", "__name__", "churn|none") : new Matcher("=", "__name__", "steady");
  const set = await querier.select([name], { start: -Infinity, end: Infinity });
  const ends = set.labels.map((_, i) => check(set, i));
  if (name.value === "steady") {
    if (set.labels.length !== 40) problems.push(`${set.labels.length} series`);
    if (new Set(ends).size !== 1) problems.push(`ends differ: ${[...new Set(ends)].join()}`);
  }
  await Promise.resolve();
  // Reads the selected series a second time. The result must not change while the querier is open.
  const again = set.labels.map((_, i) => check(set, i));
  if (again.join() !== ends.join()) problems.push("a second reading differs");
  querier.close();
  reads++;
}

port.on("message", () => (stopped = true));
port.postMessage("ready");
const next = async (): Promise<void> => {
  await readOnce();
  if (stopped || problems.length > 20) port.postMessage({ reads, samples, problems });
  else setImmediate(() => void next());
};
void next();
