import { Labels } from "@narthex/model";
import { expect, test } from "vitest";
import type { Files } from "../files.ts";
import { SimulatedDisk } from "../testing/index.ts";
import { ListedSource } from "../testing/listed-series.ts";
import { writeBlock } from "./write-block.ts";

const disk = new SimulatedDisk(() => 0.5).mount();
disk.makeFolder("/data");

/**
 * Method names of the simulated disk. The test copies the methods to own properties, because a spread copies only own
 * properties.
 */
const names = Object.getOwnPropertyNames(Object.getPrototypeOf(disk)) as (keyof Files)[];
const plain = Object.fromEntries(names.map((name) => [name, disk[name].bind(disk)])) as unknown as Files;

const SERIES = Array.from({ length: 12 }, (_, i) => ({
  labels: Labels.of({ __name__: "m", instance: `i${i}`, job: "j" }),
  samples: [[i, i]] as const,
}));

/**
 * Writes a block and returns the bytes of its index. While the writer reads its own files back, byte number `wrong` has
 * another value.
 */
function indexOf(wrong: number): Uint8Array {
  const ulid = `01OWN${String(wrong + 1).padStart(21, "0")}`;
  const draft = { ulid, minTime: 0, maxTime: 10, compaction: { level: 1, sources: [ulid] } };
  const indexes = new Set<number>();
  let before = 0;
  const misreading: Files = {
    ...plain,
    open(path, mode) {
      const file = disk.open(path, mode);
      if (mode === "r" && path.endsWith("/index")) indexes.add(file);
      return file;
    },
    close(file) {
      indexes.delete(file);
      disk.close(file);
    },
    read(file, into, position) {
      const count = disk.read(file, into, position);
      if (!indexes.has(file)) return count;
      const at = wrong - before;
      if (at >= 0 && at < count) into[at]! ^= 0x81;
      before += count;
      return count;
    },
  };
  writeBlock("/data", draft, new ListedSource(SERIES), misreading);
  readBack = before;
  return disk.readWhole(`/data/${ulid}/index`);
}

let readBack = 0;

test("a block is correct or not created at all, whichever byte of its index is read back wrong", () => {
  const expected = indexOf(-1);
  expect(readBack).toBeGreaterThan(100);
  let refused = 0;
  const end = readBack;
  for (let wrong = 0; wrong < end; wrong++) {
    let index: Uint8Array;
    try {
      index = indexOf(wrong);
    } catch (cause) {
      expect((cause as NodeJS.ErrnoException).code, `byte ${wrong}`).toBe("EIO");
      refused++;
      continue;
    }
    expect(index, `byte ${wrong}`).toEqual(expected);
  }
  expect(refused).toBeGreaterThan(100);
  expect(disk.list("/data")).toHaveLength(end + 1 - refused);
});
