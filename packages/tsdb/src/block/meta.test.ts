import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { diskFiles } from "../files.ts";
import { type BlockMeta, readMeta, writeMeta } from "./meta.ts";

const ulid = `01META${"0".repeat(20)}`;
const meta: BlockMeta = { ulid, minTime: 5, maxTime: 5, compaction: { level: 1 }, version: 1 };

function read(text: string): BlockMeta {
  const dir = temporaryFolder();
  writeFileSync(join(dir, "meta.json"), text);
  return readMeta(dir, diskFiles);
}

const changed = (change: object, compaction: object = {}): BlockMeta =>
  read(JSON.stringify({ ...meta, ...change, compaction: { ...meta.compaction, ...compaction } }));

test("a meta.json with only the fields that Prometheus always writes is read, even if its lists are null", () => {
  expect(changed({})).toEqual(meta);
  expect(changed({}, { parents: null, sources: null, hints: null })).toMatchObject({ ulid });
});

test.each([
  ["{", "JSON"],
  ["null", "meta.json is not an object"],
  ["3", "meta.json is not an object"],
])("a meta.json that is %s is damaged", (text, reason) => {
  expect(() => read(text)).toThrow(reason);
});

const range = "minTime and maxTime are no time range";

test.each([
  [{ version: 2 }, {}, "unexpected meta file version 2"],
  [{ ulid: 3 }, {}, "bad ulid 3"],
  [{ ulid: "x" }, {}, 'bad ulid "x"'],
  [{ minTime: 1.5 }, {}, range],
  [{ maxTime: "6" }, {}, range],
  [{ minTime: 6 }, {}, range],
  [{}, { level: "1" }, "compaction.level is missing"],
  [{}, { parents: {} }, "compaction.parents is no list of its kind"],
  [{}, { parents: ["x"] }, "compaction.parents is no list of its kind"],
  [{}, { parents: [null] }, "compaction.parents is no list of its kind"],
  [{}, { sources: "x" }, "compaction.sources is no list of its kind"],
  [{}, { hints: [1] }, "compaction.hints is no list of its kind"],
  [{ stats: 1 }, {}, "stats is not an object"],
])("a meta.json with %o and a compaction with %o is damaged", (change, compaction, reason) => {
  expect(() => changed(change, compaction)).toThrow(`meta.json at 0: ${reason}`);
});

test("a meta.json is written with Prometheus' order and indentation and a checksum, without fields that are empty or 0", () => {
  const dir = temporaryFolder();
  const parents = [{ ulid, minTime: 0, maxTime: 9 }];
  const downsampled = { resolutionMs: 300_000 } as NonNullable<BlockMeta["downsampled"]>;
  const compaction = { failed: false, hints: [], parents, sources: [ulid], level: 2, deletable: true };
  writeMeta(dir, { stats: { numSeries: 1, numSamples: 2, numChunks: 0 }, ...meta, compaction, downsampled }, diskFiles);
  const written = {
    ulid,
    minTime: 5,
    maxTime: 5,
    stats: { numSamples: 2, numSeries: 1 },
    compaction: { level: 2, sources: [ulid], deletable: true, parents },
    downsampled,
    version: 1,
    narthex: {
      crc32c: "223531eb",
      of: ["ulid", "minTime", "maxTime", "stats", "compaction", "downsampled", "version"],
    },
  };
  expect(readFileSync(join(dir, "meta.json"), "utf8")).toBe(JSON.stringify(written, undefined, "\t"));
});

test("a changed meta.json is damaged until its checksum is removed; fields of other programs do not count", () => {
  const dir = temporaryFolder();
  writeMeta(dir, meta, diskFiles);
  expect(readMeta(dir, diskFiles)).toMatchObject(meta);
  const written = JSON.parse(readFileSync(join(dir, "meta.json"), "utf8")) as BlockMeta & { narthex?: unknown };
  expect(read(JSON.stringify({ ...written, thanos: {} }))).toMatchObject(meta);
  expect(() => read(JSON.stringify({ ...written, maxTime: 9 }))).toThrow(
    'the checksum does not match the other fields; if you have edited the file, remove its field "narthex"',
  );
  const { narthex: _, ...unchecked } = written;
  expect(read(JSON.stringify({ ...unchecked, maxTime: 9 }))).toMatchObject({ maxTime: 9 });
});
