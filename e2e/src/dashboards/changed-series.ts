import { Labels } from "@narthex/model";
import type { WrittenSeries } from "../support/remote-write.ts";

const HOUR = 3_600_000;
const STEP = 30_000;
export const START = 54 * HOUR * 8000;
/** Time at which the values of the simulated series change. */
export const CHANGE = START + 25 * HOUR;
export const END = CHANGE + HOUR;

type ValueAt = (time: number) => number | undefined;

function series(
  [from, to]: readonly [number, number],
  labels: Readonly<Record<string, string>>,
  at: ValueAt,
): WrittenSeries {
  const samples: [number, number][] = [];
  for (let time = from; time < to; time += STEP) {
    const value = at(time);
    if (value !== undefined) samples.push([time, value]);
  }
  return {
    labels: Labels.of({ job: "api", ...labels }),
    timestamps: samples.map(([time]) => time),
    values: Float64Array.from(samples, ([, value]) => value),
    histograms: [],
  };
}

const secondsSince = (time: number, since: number): number => Math.max(0, time - since) / 1000;

/** Returns a counter that grows by `rate` per second, and faster after CHANGE. */
const counter =
  (rate: number, more = 0): ValueAt =>
  (time) =>
    rate * secondsSince(time, START) + more * secondsSince(time, CHANGE);

/**
 * Returns series of a simulated service. After CHANGE, instance b begins to fail, a room gets warm, a queue is
 * replaced, and responses become slow.
 */
export const changedSeries = (range: readonly [from: number, to: number]): readonly WrittenSeries[] => [
  ...["a", "b", "c"].flatMap((instance) =>
    ["200", "404", "500"].map((status) => {
      const rate = { "200": 20, "404": 1, "500": 0.5 }[status]!;
      const isFailing = instance === "b" && status === "500";
      const name = { __name__: "requests_total", instance, status };
      return series(range, name, counter(rate, isFailing ? 12 : status === "200" && instance === "c" ? -0.5 : 0));
    }),
  ),
  ...["attic", "cellar"].map((room) =>
    series(
      range,
      { __name__: "temperature_celsius", room },
      (time) =>
        // The temperature follows the same curve each day, except in the attic after CHANGE.
        12 + 3 * Math.sin((time / HOUR / 24) * 2 * Math.PI) + (room === "attic" && time >= CHANGE ? 6 : 0),
    ),
  ),
  series(range, { __name__: "queue_length", queue: "old" }, (time) => (time < CHANGE ? 4 : undefined)),
  series(range, { __name__: "queue_length", queue: "new" }, (time) => (time < CHANGE ? undefined : 9)),
  series(range, { __name__: "queue_length", queue: "kept" }, () => 5),
  ...["a", "b"].flatMap((instance) => [
    ...["0.1", "1", "+Inf"].map((le, at) =>
      series(range, { __name__: "duration_seconds_bucket", instance, le }, (time) => {
        const before = [9, 10, 10][at]! * secondsSince(Math.min(time, CHANGE), START);
        const slow = instance === "a" ? [2, 10, 10][at]! : [9, 10, 10][at]!;
        return before + slow * secondsSince(time, CHANGE);
      }),
    ),
    series(range, { __name__: "duration_seconds_count", instance }, counter(10)),
    series(range, { __name__: "duration_seconds_sum", instance }, counter(1)),
  ]),
];
