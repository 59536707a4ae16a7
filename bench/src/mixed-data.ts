import { mkdirSync } from "node:fs";
import { Labels } from "@narthex/model";
import { seededRandom } from "@narthex/runtime";
import { BlockBuilder } from "@narthex/tsdb";

const HOUR = 3_600_000;
const INTERVAL_MS = 15_000;
const HOURS = 18;
const START = HOURS * HOUR * 26_230;
const STEPS = (HOURS * HOUR) / INTERVAL_MS - 1;
const TARGETS = 12;
const BUCKETS = 10;
/** Share of scrapes whose time is some milliseconds early or late. */
const LATE_SHARE = 0.15;

type ValueAtStep = (step: number) => number;

/**
 * Writes irregular data from targets whose scrape times are uneven. The series are counters of many rates, gauges with
 * decimals, measured doubles, sums of floats, constants, and histogram buckets that count the same observations.
 */
export function writeMixedData(dir: string): void {
  mkdirSync(dir, { recursive: true });
  const random = seededRandom(7);
  const builder = new BlockBuilder({ chunkRangeMs: HOURS * HOUR, now: () => START, random });
  for (let target = 0; target < TARGETS; target++) {
    const offset = Math.floor(random() * INTERVAL_MS);
    const times = Array.from({ length: STEPS }, (_, i) => {
      const late = random() < LATE_SHARE ? Math.round(normal(random) * 2) : 0;
      return START + offset + i * INTERVAL_MS + late;
    }).filter((time) => time >= START && time < START + HOURS * HOUR);
    const add = (name: string, number: number, valueAt: ValueAtStep): void => {
      const labels = Labels.of({ __name__: name, instance: `host-${target}:9100`, number: `${number}` });
      for (const [i, time] of times.entries()) builder.append(labels, time, valueAt(i));
    };
    addTarget(add, random, times.length);
  }
  builder.write(dir);
}

function addTarget(
  add: (name: string, number: number, valueAt: ValueAtStep) => void,
  random: () => number,
  steps: number,
) {
  const each = (name: string, count: number, make: (number: number) => ValueAtStep): void => {
    for (let number = 0; number < count; number++) add(name, number, make(number));
  };
  const walk = (value: number, step: () => number): ValueAtStep => {
    return () => (value += step());
  };
  each("requests_total", 6, () => {
    const rate = Math.exp(normal(random) * 2 + 3);
    return walk(Math.floor(random() * 1e6), () =>
      Math.max(0, Math.floor(rate * (1 + 0.3 * normal(random)) * (0.5 + random()))),
    );
  });
  each("temperature", 4, () => {
    const course = walk(20 + 10 * random(), () => normal(random) * 0.1);
    return (step) => Math.round(course(step) * 10) / 10;
  });
  each("measured", 2, () => () => normal(random) * 3.7 + 10);
  each("load", 2, () => () => Math.round(Math.abs(normal(random)) * 100) / 100);
  each("memory_bytes", 2, () => walk(4e9, () => Math.round(normal(random) * 300) * 4096));
  each("constant", 8, (number) => () => number * 1.5);
  each("duration_seconds_sum", 1, () => walk(0, () => -Math.log(random() + 1e-9) * 0.0371));
  each("cpu_seconds_total", 1, () => {
    const course = walk(0, () => Math.round(random() * 300));
    return (step) => course(step) / 100;
  });
  const observed = Array.from({ length: steps }, () => {
    const counts = new Uint32Array(BUCKETS);
    for (let i = Math.floor(random() * 20); i > 0; i--) {
      for (let k = Math.min(BUCKETS - 1, Math.floor(Math.abs(normal(random)) * 3)); k < BUCKETS; k++) counts[k]!++;
    }
    return counts;
  });
  each("duration_seconds_bucket", BUCKETS, (number) => {
    let count = 0;
    return (step) => (count += observed[step]![number]!);
  });
}

const normal = (random: () => number): number =>
  Math.sqrt(-2 * Math.log(random() + 1e-12)) * Math.cos(2 * Math.PI * random());
