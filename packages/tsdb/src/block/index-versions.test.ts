import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ByteWriter, crc32c } from "@narthex/bytes";
import { Labels } from "@narthex/model";
import { temporaryFolder } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { diskFiles } from "../files.ts";
import { runJob } from "../compact/compaction-job.ts";
import { ListedSource } from "../testing/listed-series.ts";
import { makeChunkSizes } from "./chunk-sizes.ts";
import { openBlock } from "./open-block.ts";
import { SeriesEntry } from "./series-entry.ts";
import { writeBlock } from "./write-block.ts";
import { copyOf } from "../testing/test-tsdb.ts";

const dir = temporaryFolder();
const ulid = `01VERS${"0".repeat(20)}`;
const path = join(dir, ulid);
const SERIES = [
  { labels: Labels.of({ __name__: "a", job: "x" }), samples: [[1, 10] as const, [2, 11] as const] },
  { labels: Labels.of({ __name__: "b", job: "x" }), samples: [[3, 12] as const] },
];
writeBlock(dir, { ulid, minTime: 0, maxTime: 9, compaction: { level: 1 } }, new ListedSource(SERIES), diskFiles);

/** Returns the series with the label job="x", and the series with any label `job`, with their labels and chunks. */
function contentsOf(block: ReturnType<typeof openBlock>): unknown {
  const entry = new SeriesEntry();
  const describe = (ref: number): unknown => {
    block.series(ref, entry);
    const labels = Array.from(entry.labels.subarray(0, entry.labelCount * 2), (id) => block.symbol(id));
    return [labels, entry.chunkMinTime[0], entry.chunkMaxTime[0], entry.chunkRef[0]];
  };
  const shown = {
    names: block.labelNames(),
    values: block.labelNames().map((name) => block.labelValues(name)),
    all: Array.from(block.allPostings(), describe),
    x: Array.from(block.postings("job", "x"), describe),
    b: Array.from(block.postings("__name__", "b"), describe),
    none: [...block.postings("__name__", "c"), ...block.postings("", "x")],
  };
  block.close();
  return shown;
}

const expected = contentsOf(openBlock(path, { files: diskFiles }));

test("an index of version 3 is read like one of version 2", () => {
  const copy = copyOf(path);
  const bytes = readFileSync(join(copy, "index"));
  bytes[4] = 3;
  writeFileSync(join(copy, "index"), bytes);
  expect(contentsOf(openBlock(copy, { files: diskFiles }))).toEqual(expected);
  bytes[4] = 4;
  writeFileSync(join(copy, "index"), bytes);
  expect(() => openBlock(copy, { files: diskFiles })).toThrow("unknown index file version 4");
});

test("an index of version 1 refers to symbols and series by their offsets, and its table is not sorted", () => {
  const copy = copyOf(path);
  writeFileSync(join(copy, "index"), versionOne());
  expect(contentsOf(openBlock(copy, { files: diskFiles }))).toEqual(expected);
});

test("a block with an index of version 1 is merged with other blocks", () => {
  const copy = copyOf(path);
  writeFileSync(join(copy, "index"), versionOne());
  const other = `01KTHR${"0".repeat(20)}`;
  const later = [{ labels: Labels.of({ __name__: "aa", job: "x" }), samples: [[11, 5] as const] }];
  writeBlock(
    dir,
    { ulid: other, minTime: 10, maxTime: 19, compaction: { level: 1 } },
    new ListedSource(later),
    diskFiles,
  );
  const draft = { ulid: `01MERG${"0".repeat(20)}`, minTime: 0, maxTime: 19, compaction: { level: 2 } };
  const blocks = [copy, join(dir, other)];
  runJob({ kind: "blocks", dir, draft, blocks }, diskFiles, makeChunkSizes());
  const merged = openBlock(join(dir, draft.ulid), { files: diskFiles });
  const entry = new SeriesEntry();
  const labels = Array.from(merged.allPostings(), (ref) => {
    merged.series(ref, entry);
    return Array.from(entry.labels.subarray(0, entry.labelCount * 2), (id) => merged.symbol(id)).join(" ");
  });
  merged.close();
  expect(labels).toEqual(["__name__ a job x", "__name__ aa job x", "__name__ b job x"]);
});

/** Builds an index of version 1 with two series and an unsorted symbol table. */
function versionOne(): Uint8Array {
  const out = new ByteWriter();
  const section = (fill: (body: ByteWriter, start: number) => void): number => {
    const at = out.length;
    const body = new ByteWriter();
    fill(body, at + 4);
    out.u32(body.length);
    out.put(body.written);
    out.u32(crc32c(body.written));
    return at;
  };
  out.u32(0xbaaad700);
  out.u8(1);
  const symbol = new Map<string, number>();
  const symbols = section((body, start) => {
    const texts = ["x", "a", "__name__", "job", "b"];
    body.u32(texts.length);
    for (const text of texts) {
      symbol.set(text, start + body.length);
      body.text(text);
    }
  });
  const seriesStart = out.length;
  const reader = openBlock(path, { files: diskFiles });
  const entry = new SeriesEntry();
  const refs = SERIES.map(({ labels }, i) => {
    reader.series(reader.allPostings()[i]!, entry);
    const at = out.length;
    const body = new ByteWriter();
    body.uvarint(labels.size);
    for (const text of labels.pairs) body.uvarint(symbol.get(text)!);
    body.uvarint(1);
    body.varint(entry.chunkMinTime[0]!);
    body.uvarint(entry.chunkMaxTime[0]! - entry.chunkMinTime[0]!);
    body.uvarint(entry.chunkRef[0]!);
    out.uvarint(body.length);
    out.put(body.written);
    out.u32(crc32c(body.written));
    return at;
  });
  reader.close();
  const lists = [
    ["job", "x", refs],
    ["__name__", "b", [refs[1]!]],
    ["__name__", "a", [refs[0]!]],
    ["", "", refs],
  ] as const;
  const postingsStart = out.length;
  const places = lists.map(([, , members]) =>
    section((body) => {
      body.u32(members.length);
      for (const ref of members) body.u32(ref);
    }),
  );
  const table = section((body) => {
    body.u32(lists.length);
    lists.forEach(([name, value], i) => {
      body.u8(2);
      body.text(name);
      body.text(value);
      body.uvarint(places[i]!);
    });
  });
  const toc = new ByteWriter();
  for (const offset of [symbols, seriesStart, postingsStart, table, postingsStart, table]) toc.i64(offset);
  out.put(toc.written);
  out.u32(crc32c(toc.written));
  return out.written;
}
