import { expect, test } from "vitest";
import { ByteSlabs } from "./byte-slabs.ts";
import { CommitSequence } from "../concurrency/commit-sequence.ts";
import { EpochReclaimer } from "../concurrency/epoch-reclaimer.ts";
import { SharedBuffers } from "./shared-column.ts";
import { Symbols } from "./symbols.ts";

/** Symbols of a head, or of a reader of its buffers. */
function symbolsOf(buffers: SharedBuffers): Symbols {
  const reclaimer = new EpochReclaimer(new CommitSequence(buffers));
  if (!buffers.attached) reclaimer.registerReader();
  return new Symbols(new ByteSlabs(reclaimer, buffers), reclaimer, buffers);
}

test("a reader that finds a text while it goes out of use finds its new id once it is in use again", () => {
  const buffers = new SharedBuffers();
  const symbols = symbolsOf(buffers);
  const reader = symbolsOf(new SharedBuffers(buffers.handles));
  const before = symbols.intern("text");
  symbols.retain(before);
  const read = symbols.text.bind(symbols);
  symbols.text = (id) => {
    reader.refreshTexts();
    expect(reader.find("text")).toBe(before);
    return read(id);
  };
  symbols.release(before);
  const after = symbols.intern("text");
  expect(after).not.toBe(before);
  reader.refreshTexts();
  expect(reader.find("text")).toBe(after);
});
