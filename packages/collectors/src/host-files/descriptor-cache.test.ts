import { existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { fileTree } from "./host-files.ts";
import { beginScrape, DescriptorCache } from "./descriptor-cache.ts";

const hasProc = existsSync("/proc/self/comm");

test("a tree on the disk keeps no file open and shows the current content", () => {
  const folder = temporaryFolder();
  expect(DescriptorCache.over(`${folder}/`)).toBeUndefined();
  const tree = fileTree(folder);
  writeFileSync(join(folder, "a"), "first");
  expect(tree.read("a")).toBe("first");
  rmSync(join(folder, "a"));
  expect(() => tree.read("a")).toThrow(/ENOENT/);
  expect(tree.value("a")).toBeUndefined();
  writeFileSync(join(folder, "a"), " second\n");
  expect(tree.value("a")).toBe("second");
  expect([tree.isFolder("."), tree.isFolder("a"), tree.isFolder("b")]).toEqual([true, false, false]);
});

test.skipIf(!hasProc)("a file of procfs is opened once and read from its beginning each time", () => {
  const kept = DescriptorCache.over("/proc/")!;
  const before = readdirSync("/proc/self/fd").length;
  for (const name of ["kept-one", "kept-two", "three"]) {
    beginScrape();
    writeFileSync("/proc/self/comm", name);
    expect(kept.read("self/comm")).toBe(`${name}\n`);
  }
  expect(readdirSync("/proc/self/fd").length).toBe(before + 1);
  // The file is longer than a page and is read in several pieces.
  expect(kept.read("self/smaps").length).toBeGreaterThan(100_000);
});

test.skipIf(!hasProc)("a file whose device is gone is reported as missing, even if it was open", () => {
  const kept = DescriptorCache.over("/proc/")!;
  expect(kept.isFolder("self/fd")).toBe(true);
  expect(kept.isFolder("self/nothing")).toBe(false);
  expect(() => kept.read("self/nothing/here")).toThrow(/ENOENT/);
  expect(kept.read(`${process.pid}/stat`)).toContain(String(process.pid));
});
