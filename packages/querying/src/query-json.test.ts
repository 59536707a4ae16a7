import { systemClock } from "@narthex/runtime";
import { Labels } from "@narthex/model";
import { createEngine, type QueryTime } from "@narthex/promql";
import { createSampleBatch, type Appendable } from "@narthex/storage";
import { MemoryStorage } from "@narthex/storage/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { formatTime, writeQueryAnswer } from "./query-json.ts";

const engine = createEngine({ clock: systemClock });

async function store(
  target: Appendable,
  rows: readonly { labels: Record<string, string>; samples: readonly (readonly [number, number])[] }[],
): Promise<void> {
  const appender = target.appender();
  for (const { labels, samples } of rows) {
    const ref = appender.series(Labels.of(labels));
    const batch = createSampleBatch(samples.length);
    samples.forEach(([time, value], i) => {
      batch.refs[i] = ref;
      batch.timestamps[i] = time;
      batch.values[i] = value;
    });
    batch.count = samples.length;
    appender.append(batch);
  }
  await appender.commit();
}

async function answer(
  rows: Parameters<typeof store>[1],
  query: QueryTime & { text: string; lookbackMs?: number },
): Promise<string> {
  const storage = new MemoryStorage();
  await store(storage, rows);
  return `${[...writeQueryAnswer(await engine.query({ ...query, queryable: storage }), false)].join("")}}`;
}

const ROWS = [
  {
    labels: { __name__: "a", x: "<&>" },
    samples: [
      [0, 1],
      [60_000, 2.5],
      [120_500, NaN],
    ] as const,
  },
];

test("an instant vector is printed as Prometheus prints it; labels keep <, > and &", async () => {
  expect(await answer(ROWS, { text: "a", time: 60_500 })).toBe(
    '{"status":"success","data":{"resultType":"vector","result":[{"metric":{"__name__":"a","x":"<&>"},"value":[60.500,"2.5"]}]}}',
  );
});

test("a matrix is printed as Prometheus prints it, gaps left out", async () => {
  expect(await answer(ROWS, { text: "a", start: 0, end: 180_000, step: 60_000, lookbackMs: 60_000 })).toBe(
    '{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"__name__":"a","x":"<&>"},"values":[[0,"1"],[60,"2.5"],[180,"NaN"]]}]}}',
  );
});

test("scalars are plain decimals with a plain time, strings are escaped", async () => {
  expect(await answer([], { text: "1e21", time: -1500 })).toBe(
    '{"status":"success","data":{"resultType":"scalar","result":[-1.5,"1000000000000000000000"]}}',
  );
  expect(await answer([], { text: '"a<b"', time: 0 })).toBe(
    '{"status":"success","data":{"resultType":"string","result":[0,"a\\u003cb"]}}',
  );
});

test("a large answer comes in pieces that join to one JSON text", async () => {
  const samples = Array.from({ length: 200 }, (_, i) => [i * 1000, i] as const);
  const rows = Array.from({ length: 50 }, (_, i) => ({ labels: { __name__: "a", i: String(i) }, samples }));
  const storage = new MemoryStorage();
  await store(storage, rows);
  const result = await engine.query({ queryable: storage, text: "a", start: 0, end: 199_000, step: 1000 });
  const pieces = [...writeQueryAnswer(result, true)];
  expect(pieces.length).toBeGreaterThan(1);
  const parsed = JSON.parse(`${pieces.join("")}}`) as { data: { result: { values: unknown[] }[]; stats: object } };
  expect(parsed.data.result).toHaveLength(50);
  for (const { values } of parsed.data.result) expect(values).toHaveLength(200);
  expect(parsed.data.stats).toHaveProperty("samples");
});

test("formatTime() prints whole seconds bare and others with three decimals", () =>
  fc.assert(
    fc.property(fc.integer({ min: -4e12, max: 4e12 }), (ms) => {
      const text = formatTime(ms);
      expect(Number(text)).toBe(ms / 1000);
      expect(text).toMatch(ms % 1000 === 0 ? /^-?\d+$/ : /^-?\d+\.\d{3}$/);
    }),
  ));
