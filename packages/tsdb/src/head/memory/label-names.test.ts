import { expect, test, vi } from "vitest";
import { CommitSequence } from "../concurrency/commit-sequence.ts";
import { LabelNames } from "./label-names.ts";
import { EpochReclaimer } from "../concurrency/epoch-reclaimer.ts";
import { SharedBuffers } from "./shared-column.ts";

const namesOf = (buffers: SharedBuffers): LabelNames =>
  new LabelNames(new EpochReclaimer(new CommitSequence(buffers)), buffers);

test("a reader finds the earlier names while the table of names grows", () => {
  const buffers = new SharedBuffers();
  const names = namesOf(buffers);
  const symbols = Array.from({ length: 64 }, (_, i) => i + 1);
  for (const symbol of symbols) names.add(symbol);
  const reader = namesOf(new SharedBuffers(buffers.handles));
  const grow = vi.spyOn(buffers.handles["names.symbol"]!, "grow").mockImplementationOnce((size) => {
    reader.refresh();
    SharedArrayBuffer.prototype.grow.call(buffers.handles["names.symbol"], size);
  });
  names.add(65);
  expect(grow).toHaveBeenCalledOnce();
  expect(Array.from(reader.all(), ({ symbol }) => symbol)).toEqual(symbols);
  reader.refresh();
  expect(Array.from(reader.all(), ({ symbol }) => symbol)).toEqual([...symbols, 65]);
});
