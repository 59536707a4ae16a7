import { Labels, Matcher } from "@narthex/model";
import { createSampleBatch, SampleColumns } from "@narthex/storage";
import { expect, test } from "vitest";
import { Head } from "../head.ts";

/** One commit of a sample each for ten series. */
async function append(head: Head, timestamp: number): Promise<void> {
  const app = head.appender();
  const batch = createSampleBatch(10);
  for (; batch.count < 10; batch.count++) {
    batch.refs[batch.count] = app.series(Labels.of({ __name__: "m", id: String(batch.count) }));
    batch.timestamps[batch.count] = timestamp;
    batch.values[batch.count] = timestamp;
  }
  app.append(batch);
  await app.commit();
}

test("no encoder is kept once floats are encoded as XOR again, and XOR2 can come back", async () => {
  const head = new Head(0);
  head.setFloatEncoding("xor2");
  await append(head, 1000);
  expect(head.xor2Chunks.seriesCount).toBe(10);
  head.setFloatEncoding("xor");
  expect(head.xor2Chunks.seriesCount).toBe(0);
  head.setFloatEncoding("xor2");
  await append(head, 2000);
  head.setFloatEncoding("xor");
  await append(head, 3000);
  const querier = head.querier(-Infinity, Infinity);
  const set = await querier.select([new Matcher("=", "__name__", "m")], { start: -Infinity, end: Infinity });
  expect(set.labels.length).toBe(10);
  const into = new SampleColumns();
  for (const index of set.labels.keys()) {
    set.read(index, -Infinity, Infinity, into);
    expect([...into.values.subarray(0, into.count)]).toEqual([1000, 2000, 3000]);
  }
  querier.close();
  expect([head.xor2Chunks.seriesCount, head.xor2Chunks.created, head.floats.created]).toEqual([0, 20, 10]);
});
