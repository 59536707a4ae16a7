import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runToEnd } from "@narthex/runtime";
import { temporaryFolder } from "@narthex/runtime/testing";
import { diskFiles, type Files } from "../files.ts";
import { FileSink } from "./file-sink.ts";
import { Spool } from "./spool.ts";

const dir = temporaryFolder();

const fill = (spool: Spool): void => {
  for (let i = 0; i < 2000; i++) {
    spool.uvarint(i);
    spool.put(Uint8Array.of(1, 2, 3));
  }
};

test("spooled bytes are read back, from memory or from a file that is removed afterwards", () => {
  for (const kept of [100_000, 1000, 0]) {
    const spool = new Spool(join(dir, "spool"), diskFiles, kept);
    fill(spool);
    expect(readdirSync(dir)).toEqual(kept === 100_000 ? [] : ["spool"]);
    const numbers: number[] = [];
    const steps = spool.scan(function* (scan) {
      while (scan.rest > 0) {
        numbers.push(scan.uvarint());
        scan.need(3);
        scan.at += 3;
        yield;
      }
    });
    runToEnd(steps);
    expect(numbers).toEqual([...numbers.keys()]);
    expect(numbers.length).toBe(2000);
    const target = new FileSink(join(dir, "target"), diskFiles);
    runToEnd(spool.copyTo(target));
    expect(target.position).toBe(spool.size);
    target.close();
    rmSync(join(dir, "target"));
    spool.close();
    expect(readdirSync(dir)).toEqual([]);
  }
});

test("a file that does not read back as written is not copied", () => {
  const lying: Files = {
    ...diskFiles,
    read(file, into, position) {
      const count = diskFiles.read(file, into, position);
      if (count > 0) into[0]! ^= 1;
      return count;
    },
  };
  const spool = new Spool(join(dir, "spool"), lying, 0);
  fill(spool);
  const target = new FileSink(join(dir, "target"), diskFiles);
  expect(() => runToEnd(spool.copyTo(target))).toThrow("EIO");
  target.close();
  spool.close();
});
