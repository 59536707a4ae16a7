import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { zstdCompressSync } from "node:zlib";
import { crc32c } from "@narthex/bytes";
import { Labels } from "@narthex/model";
import { histogramOf } from "@narthex/storage/testing";
import { runToEnd } from "@narthex/runtime";
import { temporaryFolder } from "@narthex/runtime/testing";
import * as fc from "fast-check";
import { expect, test, vi } from "vitest";
import { MergedBlocks } from "../compact/merge.ts";
import { diskFiles } from "../files.ts";
import { expectSeries, seriesOf } from "../testing/block-contents.ts";
import { type ListedSeries, ListedSource } from "../testing/listed-series.ts";
import type { Block } from "./block.ts";
import { BlockError } from "./block-error.ts";
import { openBlock } from "./open-block.ts";
import { writeBlock } from "./write-block.ts";

const dir = temporaryFolder();
let made = 0;

function nextDraft() {
  const ulid = `01TEST${String(made++).padStart(20, "0")}`;
  return { ulid, minTime: -1e12, maxTime: 1e12, compaction: { level: 1, sources: [ulid] } };
}

function blockOf(series: readonly ListedSeries[]): Block {
  const draft = nextDraft();
  writeBlock(dir, draft, new ListedSource(series), diskFiles);
  return openBlock(join(dir, draft.ulid), { files: diskFiles });
}

/** Writes a copy of a block, with or without columns, and opens it. */
function rewritten(block: Block, columnar: boolean, segmentBytes?: number): Block {
  const draft = nextDraft();
  const source = runToEnd(MergedBlocks.open([block]));
  const meta = writeBlock(dir, draft, source, diskFiles, { columnar, segmentBytes });
  const { numSamples, numFloatSamples = 0, numHistogramSamples = 0, numSeries } = block.meta.stats!;
  expect(meta!.stats).toMatchObject({ numSamples, numFloatSamples, numHistogramSamples, numSeries });
  return openBlock(join(dir, draft.ulid), { files: diskFiles });
}

interface Shape {
  readonly count: number;
  readonly first: number;
  readonly step: number;
  readonly factor: number;
  readonly histogramsFrom: number;
}

const series = fc.array(
  fc.record({
    count: fc.integer({ min: 1, max: 600 }),
    first: fc.integer({ min: 0, max: 30 * 3_600_000 }),
    step: fc.constantFrom(1000, 15_000, 60_000, 3_600_000),
    factor: fc.constantFrom(0, 1, 0.1, 1 / 3, 1e12),
    histogramsFrom: fc.integer({ min: 0, max: 4000 }),
  }),
  { minLength: 1, maxLength: 8 },
);

const listed = (shapes: readonly Shape[]): ListedSeries[] =>
  shapes.map(({ count, first, step, factor, histogramsFrom }, i) => ({
    labels: Labels.of({ __name__: "m", i: String(i).padStart(3, "0"), factor: String(factor) }),
    samples: Array.from({ length: count }, (_, k) => {
      const isHistogram = k >= histogramsFrom && k < histogramsFrom + 40;
      return [first + k * step, isHistogram ? histogramOf(k) : factor * Math.round(k * Math.sin(i + k))] as const;
    }),
  }));

test("a block converted to columns, and that block converted back, have the content of the original", () => {
  fc.assert(
    fc.property(series, fc.constantFrom(undefined, 4096), (shapes, segmentBytes) => {
      const hot = blockOf(listed(shapes));
      const cold = rewritten(hot, true, segmentBytes);
      expect(cold.isColumnar).toBe(true);
      expectSeries(seriesOf(cold), seriesOf(hot));
      const back = rewritten(cold, false);
      expect(back.isColumnar).toBe(false);
      expectSeries(seriesOf(back), seriesOf(hot));
      for (const block of [hot, cold, back]) block.close();
    }),
    { numRuns: 10 },
  );
});

test.each([false, true])("a writer of several segments closes each file that it opens (columnar: %s)", (columnar) => {
  const source = runToEnd(MergedBlocks.open([blockOf(listed(noisy))]));
  const files = { ...diskFiles };
  const open = vi.spyOn(files, "open");
  const close = vi.spyOn(files, "close");
  writeBlock(dir, nextDraft(), source, files, { columnar, segmentBytes: 4096 });
  const opened = open.mock.results.map(({ value }) => value as number);
  expect(opened.length).toBeGreaterThan(5);
  expect(close.mock.calls.flat().toSorted()).toEqual(opened.toSorted());
});

test("a rewritten block does not contain deleted samples", async () => {
  const hot = blockOf(listed([{ count: 500, first: 0, step: 15_000, factor: 1, histogramsFrom: 4000 }]));
  await hot.replaceTombstones(new Map([[hot.allPostings()[0]!, [{ minTime: 15_000, maxTime: 15_000 * 480 }]]]));
  const draft = nextDraft();
  const meta = writeBlock(dir, draft, runToEnd(MergedBlocks.open([hot])), diskFiles, { columnar: true });
  expect(meta!.stats!.numSamples).toBe(500 - 480);
});

const noisy = Array.from({ length: 20 }, () => ({
  count: 900,
  first: 0,
  step: 15_000,
  factor: 1 / 3,
  histogramsFrom: 4000,
}));

test("opening a block of several days fails if the end of its columns is cut off", () => {
  const days = [3 * 5760, 900].map((count) => ({ count, first: 0, step: 15_000, factor: 1 / 3, histogramsFrom: 1e6 }));
  const { dir: path } = rewritten(blockOf(listed(days)), true);
  const file = join(path, "columns", "000001");
  truncateSync(file, readFileSync(file).length - 1);
  expect(() => openBlock(path, { files: diskFiles })).toThrow(BlockError);
});

test("a frame whose header claims a size above the limit is not unpacked", () => {
  const { dir: path } = rewritten(blockOf(listed(noisy.slice(0, 1))), true);
  const file = join(path, "columns", "000001");
  const header = readFileSync(file).subarray(0, 8);
  const size = (1 << 26) + 1;
  const packed = zstdCompressSync(Buffer.alloc(size));
  const frame = Buffer.alloc(8 + packed.length + 4);
  frame.writeUInt32BE(packed.length, 0);
  frame.writeUInt32BE(size, 4);
  frame.set(packed, 8);
  frame.writeUInt32BE(crc32c(frame, 0, 8 + packed.length), 8 + packed.length);
  writeFileSync(file, Buffer.concat([header, frame]));
  expect(() => openBlock(path, { files: diskFiles })).toThrow(`a frame of ${size} bytes`);
});

test("a changed byte anywhere in the columns is reported with file and offset", () => {
  const { dir: path } = rewritten(blockOf(listed(noisy)), true);
  const file = join(path, "columns", "000001");
  const whole = readFileSync(file);
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (at, mask) => {
      // The bytes 5 to 7 of a file are unused padding after the format version, so the reader ignores a change in them.
      if (at > 4 && at < 8) return;
      const changed = Buffer.from(whole);
      changed[at]! ^= mask;
      writeFileSync(file, changed);
      let found: unknown;
      try {
        seriesOf(openBlock(path, { files: diskFiles }));
      } catch (cause) {
        found = cause;
      }
      expect(found).toBeInstanceOf(BlockError);
      expect((found as BlockError).message).toContain(file);
    }),
    { numRuns: 60 },
  );
});

test("opening a block fails if its last column segment is missing", () => {
  const { dir: path } = rewritten(blockOf(listed(noisy)), true, 4096);
  const names = readdirSync(join(path, "columns"));
  expect(names.length).toBeGreaterThan(1);
  const last = join(path, "columns", names.at(-1)!);
  truncateSync(last, readFileSync(last).length - 1);
  expect(() => openBlock(path, { files: diskFiles })).toThrow(BlockError);
  rmSync(last);
  expect(() => openBlock(path, { files: diskFiles })).toThrow(BlockError);
});
