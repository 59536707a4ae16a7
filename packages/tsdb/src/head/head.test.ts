import { Labels, Matcher } from "@narthex/model";
import { ByteWriter, Cursor } from "@narthex/bytes";
import {
  createSampleBatch,
  OUTCOME_OK,
  OUTCOME_OUT_OF_BOUNDS,
  OUTCOME_TOO_OLD,
  OUTCOME_UNKNOWN_SERIES,
} from "@narthex/storage";
import { describeStorage, histogramOf } from "@narthex/storage/testing";
import { expect, test } from "vitest";
import { readSeries, writeSeries } from "../wal/records.ts";
import { Head } from "./head.ts";

describeStorage("Head", () => {
  const head = new Head(100);
  return { appendable: head, queryable: head, close() {} };
});

test("a label value larger than a slab can be stored and found", async () => {
  const head = new Head(0);
  const labels = Labels.of({ __name__: "big", text: "x".repeat(3_000_000) });
  const app = head.appender();
  const batch = createSampleBatch(1);
  batch.refs[0] = app.series(labels);
  batch.count = 1;
  app.append(batch);
  await app.commit();
  const querier = head.querier(0, 1);
  const set = await querier.select([new Matcher("=~", "text", "x+")], { start: 0, end: 1 });
  expect(set.labels.map((found) => found.equals(labels))).toEqual([true]);
  querier.close();
});

test("append() throws if a timestamp is not a whole millisecond, since that is a bug of the caller", () => {
  const app = new Head(0).appender();
  const batch = createSampleBatch(1);
  batch.refs[0] = app.series(Labels.of({ __name__: "a" }));
  batch.timestamps[0] = 1.5;
  batch.count = 1;
  expect(() => app.append(batch)).toThrow("timestamps are whole milliseconds timestamp=1.5");
});

test("samples whose times cannot be stored in a chunk are refused", () => {
  const app = new Head(0).appender();
  const batch = createSampleBatch(2);
  batch.refs.fill(app.series(Labels.of({ __name__: "a" })));
  batch.timestamps.set([-1e300, 1e300]);
  batch.count = 2;
  app.append(batch);
  expect([...batch.outcomes]).toEqual([OUTCOME_TOO_OLD, OUTCOME_OUT_OF_BOUNDS]);
});

test("the texts of labels, even with a byte order mark at the start, are unchanged in memory and in the log", async () => {
  const sets = ["x", "\uFEFFx"].map((a) => Labels.of({ __name__: "marked", a }));
  const head = new Head(0);
  const app = head.appender();
  const batch = createSampleBatch(2);
  for (const [i, labels] of sets.entries()) {
    batch.refs[i] = app.series(labels);
    batch.timestamps[i] = 1;
    batch.values[i] = i;
  }
  batch.count = 2;
  app.append(batch);
  await app.commit();
  const querier = head.querier(0, 1);
  const set = await querier.select([new Matcher("=", "__name__", "marked")], { start: 0, end: 1 });
  expect(set.labels.map((labels) => labels.get("a"))).toEqual(["x", "\uFEFFx"]);
  querier.close();
  const record = new ByteWriter();
  writeSeries(record, 7, sets[1]!);
  readSeries(new Cursor(record.written, 1), (_ref, labels) => expect(labels.get("a")).toBe("\uFEFFx"));
});

test.each(["commit", "rollback"] as const)("an appender accepts no sample after %s()", async (end) => {
  const head = new Head(5);
  const app = head.appender();
  const labels = Labels.of({ __name__: "a" });
  const ref = app.series(labels);
  await app[end]();
  for (const call of [
    () => app.series(labels),
    () => app.append(createSampleBatch(1)),
    () => app.appendHistogram(ref, 1, histogramOf(1)),
    () => app.appendExemplar(ref, { labels, value: 1, timestamp: 1 }),
    () => app.appendMetadata(ref, { type: "gauge", help: "", unit: "" }),
    () => app.commit(),
  ])
    expect(call).toThrow("the appender is not yet committed or rolled back");
  app.rollback();
  expect(head.oldestTransaction).toBe(head.newestTransaction);
});

test("a batch that is used again has only the outcomes of its newest samples", async () => {
  const head = new Head(0);
  const app = head.appender();
  const batch = createSampleBatch(2);
  batch.count = 2;
  batch.timestamps.set([1, 2]);
  batch.refs.fill(99);
  app.append(batch);
  expect([...batch.outcomes]).toEqual([OUTCOME_UNKNOWN_SERIES, OUTCOME_UNKNOWN_SERIES]);
  batch.refs.fill(app.series(Labels.of({ __name__: "a" })));
  app.append(batch);
  expect([...batch.outcomes]).toEqual([OUTCOME_OK, OUTCOME_OK]);
  await app.commit();
});
