import { ByteWriter, Cursor } from "@narthex/bytes";
import type { Labels } from "@narthex/model";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { readLabels, RECORD_SERIES } from "../../wal/records.ts";
import { Head } from "../head.ts";
import { EncodedLabels } from "../memory/encoded-labels.ts";
import { type HeadLimits, LONG_TEXT } from "../memory/head-capacity.ts";
import { Replay } from "./replay.ts";

type Entries = readonly (readonly [string, string])[];

/** Generates texts for valid and invalid label sets. */
const word = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom("a", "b", "ab", "__name__", "job", "instance", "Z", "_", "0") },
  { weight: 2, arbitrary: fc.constantFrom("", "é", "日本", "a\u0000", "\u007f", "x".repeat(127), "x".repeat(128)) },
  { weight: 1, arbitrary: fc.constantFrom("y".repeat(LONG_TEXT), "y".repeat(LONG_TEXT + 1), "z".repeat(20_000)) },
);
const entries: fc.Arbitrary<Entries> = fc
  .array(fc.tuple(word, word), { maxLength: 6 })
  .chain((pairs) => fc.boolean().map((isSorted) => (isSorted ? sortedPairs(pairs) : pairs)));
const series = fc.record({ ref: fc.nat(12), entries });
const limits = fc.option(
  fc.record({
    series: fc.integer({ min: 1, max: 20 }),
    pairs: fc.integer({ min: 4, max: 60 }),
    symbols: fc.integer({ min: 4, max: 60 }),
    names: fc.integer({ min: 2, max: 20 }),
  }),
);

function sortedPairs(pairs: Entries): Entries {
  return [...new Map(pairs)].filter(([, value]) => value !== "").sort(([a], [b]) => (a < b ? -1 : 1));
}

function encode(into: ByteWriter, pairs: Entries): void {
  into.uvarint(pairs.length);
  for (const pair of pairs) for (const text of pair) into.text(text);
}

/** Returns the whole content of a head after the series of a log were restored into it. */
function contentOf(head: Head, replay: Replay): unknown {
  const { series: table, symbols, postings, capacity } = head.memory;
  const rows = [...table.liveRefs()].map((ref) => [ref, table.labelsOf(table.rowOf(ref)).toString()]);
  const found = [...table.liveRefs()].map((ref) => table.find(table.labelsOf(table.rowOf(ref))) === table.rowOf(ref));
  const aliases = [...replay.aliases].map(([ref, row]) => [ref, table.at.ref[row]]);
  const { refusedSeries } = capacity;
  return {
    rows,
    found,
    aliases,
    refusedSeries,
    count: table.count,
    last: table.lastRef,
    symbols: symbols.count,
    textBytes: symbols.textBytes,
    pairs: postings.pairCount,
    created: head.counters.seriesCreated,
  };
}

const makeHead = (most: Partial<HeadLimits> | null): Head => new Head(0, undefined, { limits: most ?? undefined });

test("series of a log that are restored from bytes are the same as those restored from labels, even near the head's limits", () => {
  fc.assert(
    fc.property(fc.array(fc.array(series, { maxLength: 6 }), { maxLength: 4 }), limits, (records, most) => {
      const heads = [makeHead(most), makeHead(most)] as const;
      const replays = heads.map((head) => new Replay(head));
      for (const record of records) {
        const bytes = new ByteWriter();
        bytes.u8(RECORD_SERIES);
        for (const { ref, entries: pairs } of record) {
          bytes.i64(ref);
          encode(bytes, pairs);
        }
        replays[0]!.record(bytes.written);
        const cursor = new Cursor(bytes.written, 1);
        while (cursor.rest > 0) replays[1]!.series(cursor.u64(), readLabels(cursor));
      }
      expect(contentOf(heads[0], replays[0]!)).toEqual(contentOf(heads[1], replays[1]!));
    }),
    { numRuns: 100 },
  );
});

test("labels are compared with those of the previous series at any index, whatever their number and length", () => {
  const texts = fc.constantFrom("v", "w", "x".repeat(120), "x".repeat(125), "x".repeat(126), "x".repeat(127), "é");
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(40), fc.integer({ min: 20, max: 40 }), texts), { minLength: 2 }),
      (changes) => {
        const heads = [makeHead(null), makeHead(null)] as const;
        const replays = heads.map((head) => new Replay(head));
        const values = new Map(Array.from({ length: 40 }, (_, i) => [`n${100 + i}`, "v"]));
        for (const [i, [place, count, text]] of changes.entries()) {
          values.set(`n${100 + place}`, text);
          const pairs = [...values].slice(0, count);
          const bytes = new ByteWriter();
          bytes.u8(RECORD_SERIES);
          bytes.i64(i + 1);
          encode(bytes, pairs);
          replays[0]!.record(bytes.written);
          replays[1]!.series(i + 1, readLabels(new Cursor(bytes.written, 9)));
        }
        expect(contentOf(heads[0], replays[0]!)).toEqual(contentOf(heads[1], replays[1]!));
      },
    ),
    { numRuns: 50 },
  );
});

test("read() reads a label set completely or returns -1, wherever its bytes end", () => {
  fc.assert(
    fc.property(entries, (pairs) => {
      const written = new ByteWriter();
      written.u8(7);
      encode(written, pairs);
      const bytes = written.written;
      const labels = new EncodedLabels();
      const end = labels.read(bytes, 1, bytes.length);
      if (end >= 0) {
        expect(end).toBe(bytes.length);
        const expected: Labels = readLabels(new Cursor(bytes, 1));
        const texts = Array.from({ length: labels.count * 2 }, (_, i) =>
          new TextDecoder().decode(bytes.subarray(labels.starts[i], labels.starts[i]! + labels.sizes[i]!)),
        );
        expect(texts).toEqual(expected.pairs);
      }
      const step = Math.max(1, Math.floor(bytes.length / 200));
      for (let cut = 1; cut < bytes.length; cut += step) expect(labels.read(bytes, 1, cut)).toBe(-1);
      expect(labels.read(bytes.subarray(0, bytes.length - 1), 1, bytes.length - 1)).toBe(-1);
    }),
    { numRuns: 100 },
  );
});
