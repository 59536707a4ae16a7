import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
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
  // Tests a file that is longer than a page and is read in several pieces.
  expect(kept.read("self/smaps").length).toBeGreaterThan(100_000);
});

test.skipIf(!hasProc)("/proc/stat is read once per scrape", () => {
  const kept = DescriptorCache.over("/proc/")!;
  const text = (): string => kept.read("stat");
  beginScrape();
  const first = text();
  // Runs a program, so that the kernel's count of context switches changes.
  execFileSync("true");
  expect(text()).toBe(first);
  beginScrape();
  expect(text()).not.toBe(first);
});

test.skipIf(!hasProc)("a file whose device is gone is reported as missing, even if it was open", () => {
  const kept = DescriptorCache.over("/proc/")!;
  expect(kept.isFolder("self/fd")).toBe(true);
  expect(kept.isFolder("self/nothing")).toBe(false);
  expect(() => kept.read("self/nothing/here")).toThrow(/ENOENT/);
  expect(kept.read(`${process.pid}/stat`)).toContain(String(process.pid));
});

test("a tree reports a folder that cannot be read, and shows a missing one as empty", () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "file"), "");
  symlinkSync("loop", join(folder, "loop"));
  const tree = fileTree(folder);
  expect([tree.list("missing"), tree.list("file")]).toEqual([[], []]);
  expect(() => tree.list("loop")).toThrow("ELOOP");
});

test.skipIf(!hasProc)("more files than the cache holds do not close the files that are in use", () => {
  const kept = DescriptorCache.over("/proc/")!;
  const target = (fd: string): string => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return "";
    }
  };
  const isOpen = (): boolean => readdirSync("/proc/self/fd").some((fd) => target(fd).endsWith("/oom_score_adj"));
  for (let scrape = 0; scrape < 2; scrape++) {
    beginScrape();
    kept.read("self/oom_score_adj");
    for (let i = 0; i < 9000; i++) expect(() => kept.read(`self/none-${i}`)).toThrow("ENOENT");
    expect(isOpen()).toBe(true);
  }
  // Scrapes twice without the files, which are then removed from the cache.
  for (let scrape = 0; scrape < 2; scrape++) {
    beginScrape();
    for (let i = 0; i < 9000; i++) expect(() => kept.read(`self/task/none-${i}`)).toThrow("ENOENT");
  }
  expect(isOpen()).toBe(false);
});
