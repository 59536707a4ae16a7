import { fork } from "node:child_process";
import { once } from "node:events";
import { Labels } from "@narthex/model";
import { createLogger, systemClock } from "@narthex/runtime";
import { createSampleBatch } from "@narthex/storage";
import { openTsdb } from "@narthex/tsdb";

/**
 * A log as scrapes write it: a number of series on several targets, and one sample of each series every `intervalMs`.
 */
export interface LogShape {
  readonly series: number;
  readonly rounds: number;
  readonly intervalMs: number;
}

const SERIES_PER_TARGET = 1000;
const NAMESPACES = ["default", "kube-system", "monitoring", "payments", "search", "checkout-eu"];
const CODES = ["200", "201", "204", "301", "400", "404", "429", "500", "503"];

/** Returns labels of a series. Its metric family has two to nine labels, like families of real pages. */
function labelsOf(target: number, i: number): Labels {
  const family = Math.floor(i / 20);
  const labels: Record<string, string> = {
    __name__: `app_${["http", "grpc", "db", "cache", "queue"][family % 5]!}_${family}_${i % 3 === 0 ? "total" : "seconds"}`,
    instance: `10.${target >> 6}.${target & 63}.${(target * 7) % 251}:8080`,
    job: `apps/${NAMESPACES[target % NAMESPACES.length]!}`,
  };
  const pod = (target * 2654435761) % 0x7fffffff;
  if (target % 3 !== 0) {
    labels["namespace"] = NAMESPACES[target % NAMESPACES.length]!;
    labels["pod"] = `app-${target % 17}-${pod.toString(36)}`;
    labels["node"] = `ip-10-0-${target % 40}-12.eu-central-1.compute.internal`;
  }
  if (family % 2 === 0) labels["code"] = CODES[i % CODES.length]!;
  if (family % 3 !== 0) labels["handler"] = `/api/v2/${family}/items/${i % 20}`;
  else labels["le"] = String((i % 20) / 8);
  labels["index"] = String(i % 20);
  return Labels.of(labels);
}

/** Returns the next value of a series: a counter with uneven steps, a varying gauge, a sum of seconds or a constant. */
function nextValue(series: number, value: number, random: () => number): number {
  switch (series % 7) {
    case 0:
    case 1:
      return value + Math.floor(random() * 40);
    case 2:
      return value + random() * 0.25;
    case 3:
      return Math.round((value + random() - 0.5) * 100) / 100;
    case 4:
      return random() < 0.05 ? value + 1 : value;
    default:
      return value;
  }
}

/** Fills an empty folder in a separate process, and kills that process. */
export async function fillStartLog(dir: string, shape: LogShape): Promise<void> {
  const child = fork(new URL("start-log-process.ts", import.meta.url), [dir, JSON.stringify(shape)], { execArgv: [] });
  const ended = once(child, "exit");
  const isFilled = await Promise.race([once(child, "message").then(() => true), ended.then(() => false)]);
  if (!isFilled) {
    throw new Error(`the process that fills the log in ${dir} ended early, with ${child.exitCode ?? child.signalCode}`);
  }
  child.kill("SIGKILL");
  await ended;
}

/** Appends to an empty folder, with a commit for each target and round, like scrapes. Leaves the database open. */
export async function appendStartLog(dir: string, { series, rounds, intervalMs }: LogShape): Promise<void> {
  const logger = createLogger({ level: "error", format: "logfmt", clock: systemClock, write: () => {} });
  const db = await openTsdb(dir, { clock: systemClock, logger });
  let seed = 12_345;
  const random = (): number => (seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff) / 0x7fffffff;
  const start = Math.floor(systemClock.now()) - rounds * intervalMs;
  const values = Float64Array.from({ length: series }, () => Math.floor(random() * 1e6));
  const refs = new Float64Array(series);
  const batch = createSampleBatch(SERIES_PER_TARGET);
  for (let round = 0; round < rounds; round++) {
    for (let first = 0; first < series; first += SERIES_PER_TARGET) {
      const target = first / SERIES_PER_TARGET;
      const count = Math.min(SERIES_PER_TARGET, series - first);
      const appender = db.appendable.appender();
      const offset = (target * 37) % intervalMs;
      for (let i = 0; i < count; i++) {
        if (round === 0) refs[first + i] = appender.series(labelsOf(target, i));
        batch.refs[i] = refs[first + i]!;
        batch.timestamps[i] = start + round * intervalMs + offset;
        values[first + i] = nextValue(first + i, values[first + i]!, random);
        batch.values[i] = values[first + i]!;
      }
      batch.count = count;
      appender.append(batch);
      await appender.commit();
    }
  }
}
