import { Labels, Matcher } from "@narthex/model";
import {
  createSampleBatch,
  OUTCOME_DUPLICATE,
  OUTCOME_OK,
  OUTCOME_OUT_OF_ORDER,
  SampleColumns,
} from "@narthex/storage";
import { histogramOf } from "@narthex/storage/testing";
import { expect, test } from "vitest";
import { Head } from "../head.ts";

const HOUR = 3_600_000;

function zeroHead(withStarts = false): Head {
  const head = new Head(0);
  head.encodings = { withStarts, floatsXor2: withStarts, startsAsZeros: true };
  return head;
}

async function append(head: Head, samples: readonly (readonly [time: number, value: number, start: number])[]) {
  const app = head.appender();
  const batch = createSampleBatch(samples.length);
  batch.starts = new Float64Array(samples.length);
  for (const [i, [time, value, start]] of samples.entries()) {
    batch.refs[i] = app.series(Labels.of({ __name__: "a" }));
    batch.timestamps[i] = time;
    batch.values[i] = value;
    batch.starts[i] = start;
  }
  batch.count = samples.length;
  app.append(batch);
  await app.commit();
  return [...batch.outcomes];
}

async function stored(head: Head): Promise<SampleColumns> {
  const querier = head.querier(0, Infinity);
  const set = await querier.select([new Matcher("=", "__name__", "a")], { start: 0, end: Infinity });
  const into = new SampleColumns();
  set.read(0, 0, Infinity, into);
  querier.close();
  return into;
}

async function floats(head: Head): Promise<(readonly [number, number])[]> {
  const { timestamps, values, count } = await stored(head);
  return Array.from({ length: count }, (_, i) => [timestamps[i]!, values[i]!]);
}

test("a zero is stored at a counter's start if the start is before the sample and after all earlier samples", async () => {
  const head = zeroHead();
  const day = 24 * HOUR;
  expect(await append(head, [[day, 5, day - 10]])).toEqual([OUTCOME_OK]);
  expect(await append(head, [[day + 20, 6, day - 10]])).toEqual([OUTCOME_OK]);
  // Restarts the counter at day + 30. Both samples have this start time, so only the first sample adds a zero sample.
  await append(head, [
    [day + 40, 1, day + 30],
    [day + 50, 2, day + 30],
  ]);
  await append(head, [[day + 60, 3, day + 60]]);
  await append(head, [[day + 70, 4, day + 80]]);
  const all = [
    [day - 10, 0],
    [day, 5],
    [day + 20, 6],
    [day + 30, 0],
    [day + 40, 1],
    [day + 50, 2],
    [day + 60, 3],
    [day + 70, 4],
  ];
  expect(await floats(head)).toEqual(all);
  expect(await append(head, [[day + 70, 5, day + 65]])).toEqual([OUTCOME_DUPLICATE]);
  expect(await append(head, [[day + 69, 5, day + 68]])).toEqual([OUTCOME_OUT_OF_ORDER]);
  expect(await floats(head)).toEqual(all);
});

test("no zero is stored for a start that is too old, even in an empty head", async () => {
  const head = zeroHead();
  await append(head, [[24 * HOUR, 5, 22 * HOUR]]);
  expect(await floats(head)).toEqual([[24 * HOUR, 5]]);
});

test("without the option, and for samples without a start, no zero is stored", async () => {
  const head = zeroHead();
  await append(head, [[HOUR, 5, 0]]);
  expect(await floats(head)).toEqual([[HOUR, 5]]);
  const plain = new Head(0);
  await append(plain, [[HOUR, 5, HOUR - 10]]);
  expect(await floats(plain)).toEqual([[HOUR, 5]]);
});

test("if start timestamps are stored too, the sample has its start timestamp and the zero has none", async () => {
  const head = zeroHead(true);
  await append(head, [[HOUR, 5, HOUR - 10]]);
  const { startTimestamps, count } = await stored(head);
  expect([...startTimestamps!.subarray(0, count)]).toEqual([0, HOUR - 10]);
});

test("a histogram series begins with an empty histogram of the same resolution at its start", async () => {
  const head = zeroHead();
  const app = head.appender();
  const ref = app.series(Labels.of({ __name__: "a" }));
  const histogram = histogramOf(5);
  expect(app.appendHistogram(ref, HOUR, histogram, HOUR - 10)).toBe(OUTCOME_OK);
  expect(app.appendHistogram(ref, HOUR + 10, histogramOf(6), HOUR - 10)).toBe(OUTCOME_OK);
  await app.commit();
  const { timestamps, histograms, count } = await stored(head);
  expect([...timestamps.subarray(0, count)]).toEqual([HOUR - 10, HOUR, HOUR + 10]);
  const { schema, zeroThreshold, sum } = histograms![0]!;
  expect([schema, zeroThreshold, sum, histograms![0]!.count]).toEqual([
    histogram.schema,
    histogram.zeroThreshold,
    0,
    0,
  ]);
  expect(histograms![2]!.count).toBe(histogramOf(6).count);
});
