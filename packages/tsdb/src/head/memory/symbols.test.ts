import { ByteWriter, Cursor } from "@narthex/bytes";
import { compareBytewise } from "@narthex/model";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { ByteSlabs } from "./byte-slabs.ts";
import { CommitSequence } from "../concurrency/commit-sequence.ts";
import { EpochReclaimer } from "../concurrency/epoch-reclaimer.ts";
import { SharedBuffers } from "./shared-column.ts";
import { FNV_OFFSET, FNV_PRIME, Symbols } from "./symbols.ts";

/** Returns the symbol table of a new head, or of a reader of its buffers. */
function symbolsOf(buffers: SharedBuffers): Symbols {
  const reclaimer = new EpochReclaimer(new CommitSequence(buffers));
  if (!buffers.attached) reclaimer.registerReader();
  return new Symbols(new ByteSlabs(reclaimer, buffers), reclaimer, buffers);
}

test("a reader that finds a text during its removal finds its new id after the text is added again", () => {
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

/** Generates texts of different lengths, with equal prefixes, and with characters of several bytes. */
const text = fc.oneof(
  fc.constantFrom("", "a", "ab", "abc", "é", "\uffff", "😀", "x".repeat(100), `${"x".repeat(100)}y`),
  fc.nat(2500).map((i) => `text ${i}`),
);

test("the writer, and a reader that refreshes, find exactly the texts in use", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(text, fc.constantFrom("use", "use", "use", "drop", "bytes")), { maxLength: 3000, size: "max" }),
      (steps) => {
        const buffers = new SharedBuffers();
        const reclaimer = new EpochReclaimer(new CommitSequence(buffers));
        const symbols = new Symbols(new ByteSlabs(reclaimer, buffers), reclaimer, buffers);
        const reader = symbolsOf(new SharedBuffers(buffers.handles));
        const uses = new Map<string, { id: number; count: number }>();
        for (const [one, action] of steps) {
          const known = uses.get(one);
          expect(symbols.find(one)).toBe(known?.id ?? 0);
          if (action === "drop") {
            if (known === undefined) continue;
            symbols.release(known.id);
            if (--known.count === 0) uses.delete(one);
            continue;
          }
          const bytes = Buffer.from(`>${one}<`);
          const size = bytes.length - 2;
          const id =
            action === "use" ? symbols.intern(one) : symbols.internBytes(bytes, 1, size, fnv(bytes.subarray(1, -1)));
          symbols.retain(id);
          if (known !== undefined) expect(id).toBe(known.id);
          uses.set(one, { id, count: (known?.count ?? 0) + 1 });
        }
        expect(symbols.count).toBe(uses.size);
        expect(symbols.taken).toBe(uses.size);
        const texts = [...uses.keys()];
        expect(symbols.textBytes).toBe(texts.reduce((sum, one) => sum + Buffer.byteLength(one), 0));
        reader.refresh();
        reader.refreshTexts();
        for (const [one, { id }] of uses) {
          const into = new ByteWriter(1);
          for (const side of [symbols, reader]) {
            expect([side.find(one), side.text(id), side.sizeOf(id)]).toEqual([id, one, Buffer.byteLength(one)]);
            into.reset();
            side.write(id, into);
            expect(new Cursor(into.written).text()).toBe(one);
          }
          for (const other of texts.slice(0, 20))
            expect(Math.sign(symbols.compare(id, uses.get(other)!.id))).toBe(Math.sign(compareBytewise(one, other)));
        }
      },
    ),
    { numRuns: 20 },
  );
});

const fnv = (bytes: Uint8Array): number => bytes.reduce((hash, byte) => Math.imul(hash ^ byte, FNV_PRIME), FNV_OFFSET);
