import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@narthex/runtime/testing";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { diskFiles, type Files } from "../files.ts";
import { readSegment } from "./read-segment.ts";
import { PAGE_BYTES } from "./segment.ts";
import { WalWriter } from "./writer.ts";

const dir = temporaryFolder();
/**
 * Writes three kinds of records: one of 100 bytes at the beginning of each page, then one of two and a half pages, then
 * a last record.
 */
const wal = new WalWriter(dir, { compression: "none" });
for (let i = 0; i < 3; i++) {
  wal.log(new Uint8Array(100).fill(i + 1));
  wal.endPage();
}
wal.log(new Uint8Array(2.5 * PAGE_BYTES).fill(4));
wal.log(new Uint8Array(100).fill(5));
wal.flush();
await wal.close();
const whole = readFileSync(join(dir, "00000000"));
const places = [0, 1, 2, 3].map((page) => page * PAGE_BYTES);
const last = 5 * PAGE_BYTES + PAGE_BYTES / 2 + 21;

async function reading(bytes: Uint8Array, files: Files = diskFiles, from = 0) {
  const path = join(temporaryFolder(), "segment");
  writeFileSync(path, bytes);
  const records: [number, number][] = [];
  const visit = (record: Uint8Array, offset: number): void => void records.push([record[0]!, offset]);
  const { damages, recordsAfterDamage } = await readSegment(path, visit, 2, files, from);
  return { records, damages, recordsAfterDamage };
}

const all = [...places, last].map((offset, i) => [i + 1, offset]);

test("records of a segment are read with their positions, from the end of any page on", async () => {
  expect(await reading(whole)).toEqual({ records: all, damages: [], recordsAfterDamage: 0 });
  expect((await reading(whole, diskFiles, 2 * PAGE_BYTES)).records).toEqual(all.slice(2));
  expect((await reading(new Uint8Array(0))).records).toEqual([]);
  expect((await reading(whole, diskFiles, 10 * PAGE_BYTES)).records).toEqual([]);
});

/** No checksum covers the first byte of a fragment, and each value of its compression bits is valid. */
const isCompression = (bit: number): boolean =>
  [...places, 4 * PAGE_BYTES, 5 * PAGE_BYTES, last].includes(bit >> 3) && (bit & 7) >= 3;

test("after a single wrong read the page is read again, and no damage is reported", async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length * 8 - 1), async (bit) => {
      fc.pre(!isCompression(bit));
      let isWrong = true;
      const flip = (into: Uint8Array, position: number, count: number): number => {
        const at = (bit >> 3) - position;
        if (isWrong && at >= 0 && at < count) {
          into[at]! ^= 1 << (bit & 7);
          isWrong = false;
        }
        return count;
      };
      const files: Files = {
        ...diskFiles,
        readLater: async (file, into, position) =>
          flip(into, position, await diskFiles.readLater(file, into, position)),
      };
      expect(await reading(whole, files)).toEqual({ records: all, damages: [], recordsAfterDamage: 0 });
    }),
    { numRuns: 200 },
  );
});

const padding = "unexpected non-zero byte in padded page";
const within = "the file ends within a fragment's header";

test.each([
  ["a byte of a record", 50, [0, /^unexpected checksum [0-9a-f]+, expected [0-9a-f]+$/], [2, 3, 4, 5]],
  ["a byte of the filling", 200, [107, padding], [1, 2, 3, 4, 5]],
  ["the length of a record", 1, [0, "invalid record size 65380"], [2, 3, 4, 5]],
  ["the kind of a record", PAGE_BYTES, [PAGE_BYTES, padding], [1, 3, 4, 5]],
  ["a record's middle", 4 * PAGE_BYTES + 9, [3 * PAGE_BYTES, /checksum/], [1, 2, 3, 5]],
] as const)(
  "%s that is damaged is reported with its position, and the records after it are read",
  async (_, at, damage, left) => {
    const bytes = Uint8Array.from(whole);
    bytes[at]! ^= at === PAGE_BYTES ? 1 : 0xff;
    const { records, damages, recordsAfterDamage } = await reading(bytes);
    const [offset, reason] = damage;
    expect(damages).toEqual([{ offset, reason: typeof reason === "string" ? reason : expect.stringMatching(reason) }]);
    expect(records).toEqual(all.filter(([i]) => (left as readonly number[]).includes(i!)));
    expect(recordsAfterDamage).toBe(left.filter((i) => all[i - 1]![1]! >= offset).length);
  },
);

test.each([
  [last + 107, 5, []],
  [last + 106, 4, [{ offset: last, reason: "invalid record size 100" }]],
  [last + 6, 4, [{ offset: last, reason: within }]],
  [last, 4, []],
  [4 * PAGE_BYTES, 3, [{ offset: 3 * PAGE_BYTES, reason: "the file ends within a record" }]],
  [3 * PAGE_BYTES, 3, []],
  [1, 0, [{ offset: 0, reason: within }]],
])("a segment that ends at byte %s has %s records", async (size, count, damages) => {
  expect(await reading(whole.subarray(0, size))).toEqual({
    records: all.slice(0, count),
    damages,
    recordsAfterDamage: 0,
  });
});
