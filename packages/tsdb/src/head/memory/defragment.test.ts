import { Labels, Matcher } from "@narthex/model";
import { SampleColumns } from "@narthex/storage";
import { expect, test } from "vitest";
import { appendRows } from "../../testing/sample-rows.ts";
import { Head } from "../head.ts";
import { defragmentOpenChunks } from "./defragment.ts";

const SERIES = 3000;

async function append(head: Head, from: number, to: number): Promise<void> {
  const series = Array.from({ length: SERIES }, (_, i) => Labels.of({ __name__: "packed", i: `${i}` }));
  for (let sample = from; sample < to; sample++) {
    // A third of the series has a constant value, so their chunks stay short. The chunks of the others grow with every
    // sample.
    const valueOf = (i: number): number => (i % 3 === 0 ? 7 : Math.sin(i * sample) * 10 ** (i % 5));
    // oxlint-disable-next-line no-await-in-loop -- one commit after the other
    await appendRows(
      head,
      series.map((labels, i) => [labels, sample * 15_000, valueOf(i)]),
    );
  }
}

async function contents(head: Head): Promise<{ read: () => string; close: () => void }> {
  const querier = head.querier(-Infinity, Infinity);
  const set = await querier.select([new Matcher("=", "__name__", "packed")], { start: -Infinity, end: Infinity });
  const into = new SampleColumns();
  const read = (): string => {
    const lines: string[] = [];
    for (const [i, labels] of set.labels.entries()) {
      set.read(i, -Infinity, Infinity, into);
      const [times, values] = [into.timestamps.subarray(0, into.count), into.values.subarray(0, into.count)];
      lines.push(`${labels.get("i")} ${times.join()} ${values.join()}`);
    }
    return lines.toSorted().join("\n");
  };
  return { read, close: () => querier.close() };
}

test("moved chunks keep their samples, take less room and can grow; readers that started before the move see no difference", async () => {
  const head = new Head(0);
  const { slabs } = head.memory;
  await append(head, 1, 40);
  const before = await contents(head);
  const expected = before.read();
  const used = slabs.usedBytes;
  await defragmentOpenChunks(head.memory);
  const after = await contents(head);
  expect(after.read() === expected).toBe(true);
  expect(before.read() === expected).toBe(true);
  after.close();
  before.close();
  expect(slabs.usedBytes).toBeLessThan(used * 0.9);
  await append(head, 40, 140);
  const plain = new Head(0);
  await append(plain, 1, 140);
  const [packed, unpacked] = [await contents(head), await contents(plain)];
  expect(packed.read() === unpacked.read()).toBe(true);
});
