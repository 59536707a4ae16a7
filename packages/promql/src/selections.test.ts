import { Labels } from "@narthex/model";
import type { Queryable, SelectHints, SeriesSet } from "@narthex/storage";
import { expect, test } from "vitest";
import { createEngine, type EngineRequest } from "./engine.ts";

const clock = { now: () => 0, monotonic: () => 0, sleep: () => Promise.resolve(), after: () => () => {} };
const engine = createEngine({ clock, features: { experimentalFunctions: true } });

/** Returns a storage with one series without samples, and a list of the requests that it receives. */
function storageWith(more: Partial<SeriesSet> = {}) {
  const asked: Omit<SelectHints, "signal" | "memory" | "waits">[] = [];
  const opened: (readonly [number, number])[] = [];
  const set: SeriesSet = {
    labels: [Labels.of({ __name__: "m" })],
    warnings: [],
    read: (...its) => its[3].reset(),
    ...more,
  };
  const queryable: Queryable = {
    querier(minTime, maxTime) {
      opened.push([minTime, maxTime]);
      return {
        select(_, { signal: _signal, memory: _memory, waits: _waits, ...hints }) {
          asked.push(hints);
          return Promise.resolve(set);
        },
        labelNames: () => Promise.resolve([]),
        labelValues: () => Promise.resolve([]),
        close() {},
      };
    },
  };
  return { queryable, asked, opened };
}

const RANGE = { start: 600_000, end: 900_000, step: 60_000 };

test.each<[string, readonly object[]]>([
  ["m", [{ start: 300_001, end: 900_000, step: 60_000, range: 0, func: "", window: 60_000 }]],
  ["sum(m)", [{ start: 300_001, end: 900_000, step: 60_000, range: 0, func: "sum", window: 60_000 }]],
  ["m offset 1m", [{ start: 240_001, end: 840_000, step: 60_000, range: 0, func: "", window: 60_000 }]],
  ["m @ 600", [{ start: 300_001, end: 600_000, step: 0, range: 0, func: "", window: 0 }]],
  ["m + m @ 600", [{ start: 300_001, end: 900_000, window: 0 }]],
  ["rate(m[2m])", [{ start: 480_001, end: 900_000, step: 60_000, range: 120_000, func: "rate", window: 60_000 }]],
  ["rate(m[30s])", [{ start: 570_001, end: 900_000, step: 60_000, range: 30_000, func: "rate", window: 30_000 }]],
  ["rate(m[2m]) + m", [{ start: 300_001, end: 900_000, window: 60_000 }]],
  ["rate(m[2m]) + rate(m[4m] offset 1m)", [{ start: 300_001, end: 900_000, window: 60_000 }]],
  [
    "sum(rate(m[2m])) / n",
    [
      { start: 480_001, end: 900_000, step: 60_000, range: 120_000, func: "rate", window: 60_000 },
      { start: 300_001, end: 900_000, step: 60_000, range: 0, func: "", window: 60_000 },
    ],
  ],
])("%s asks the storage for no more than it looks at", async (text, hints) => {
  const { queryable, asked, opened } = storageWith();
  await engine.query({ queryable, text, ...RANGE });
  expect(asked).toEqual(hints);
  const [starts, ends] = [asked.map(({ start }) => start), asked.map(({ end }) => end)];
  expect(opened).toEqual([[Math.min(...starts), Math.max(...ends)]]);
});

const fails = (): never => {
  throw new Error("disk on fire");
};

test.each<[string, Partial<SeriesSet>, Partial<EngineRequest>]>([
  ["m", { read: fails }, RANGE],
  ["m", { read: fails }, { time: 0 }],
  ["m", { readNewest: fails }, { time: 0 }],
  ["rate(m[5m])", { read: fails }, RANGE],
  ["rate(m[5m])", { readSpans: fails }, RANGE],
  ["rate(m[5m])", { readAggregates: fails, downsampled: { before: 0, samplesFrom: 0, resolutionMs: 1 } }, RANGE],
])("a failure to read for %s is one of the storage: %o", async (text, set, when) => {
  const { queryable } = storageWith(set);
  const query = engine.query({ queryable, text, ...when } as EngineRequest);
  await expect(query).rejects.toMatchObject({ kind: "storage", message: "expanding series: disk on fire" });
});

test("a warning of the storage becomes one warning of the query", async () => {
  const { queryable } = storageWith({ warnings: ["half of it is away"] });
  const { warnings } = await engine.query({ queryable, text: "m + n", ...RANGE });
  expect(warnings).toEqual(["half of it is away"]);
});
