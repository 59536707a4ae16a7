import { chmodSync, existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "./testing/temporary-folder.ts";
import { expect, test } from "vitest";
import { DataPathError, dataPathProblem, makeDataFolder, prepareDataFile } from "./data-folder.ts";

/** A user without write access anywhere. */
const NOBODY = 65_534;
const place = temporaryFolder();

test("makeDataFolder() creates all parent folders, and accepts an existing folder", () => {
  const folder = join(place, "a/b/c");
  makeDataFolder(folder, "--data");
  makeDataFolder(folder, "--data");
  expect(existsSync(folder)).toBe(true);
});

test("makeDataFolder() reports what prevents it, with the flag and the hint", () => {
  const file = join(place, "file");
  writeFileSync(file, "");
  for (const path of [file, join(file, "below")]) {
    const make = (): void => makeDataFolder(path, "--data");
    expect(make).toThrow(DataPathError);
    expect(make).toThrow(`--data: ${path} is a file, but a folder is needed; move the file away or name`);
  }
});

test.skipIf(process.platform !== "linux")(
  "makeDataFolder() fails if the kernel does not allow folders at the path",
  () => {
    expect(() => makeDataFolder("/proc/narthex/data", "--data")).toThrow("/proc/narthex/data cannot be created");
  },
);

test("makeDataFolder() names the user who may not write", () => {
  const folder = join(place, "closed");
  mkdirSync(folder);
  chmodSync(folder, 0o555);
  const isRoot = process.geteuid!() === 0;
  // Gives up root's rights for the test, because root may write anywhere.
  if (isRoot) process.seteuid!(NOBODY);
  try {
    expect(() => makeDataFolder(folder, "--data")).toThrow(`user ${process.geteuid!()}`);
  } finally {
    if (isRoot) process.seteuid!(0);
  }
});

test("prepareDataFile() creates the folder, and refuses a folder in place of the file", () => {
  prepareDataFile(join(place, "d/e/state.db"), "--file");
  expect(existsSync(join(place, "d/e"))).toBe(true);
  expect(() => prepareDataFile(join(place, "d"), "--file")).toThrow(`--file: ${join(place, "d")} is a folder, but`);
});

test.each([
  ["EROFS", /^--data: \/x is on a read-only file system; mount a writable volume there, or name/],
  ["EACCES", /^--data: .* may not write \/x; give it to that user/],
  ["ENOSPC", /^--data: no space is left for \/x; free some space/],
  ["EIO", /^--data: \/x cannot be used: odd$/],
])("dataPathProblem() of %s is a sentence with the hint", (code, sentence) => {
  expect(dataPathProblem(Object.assign(new Error("odd"), { code }), "/x", "--data")).toMatch(sentence);
});

test("a new data folder is closed to other users, and its new parents are open", () => {
  const parent = join(temporaryFolder(), "new");
  makeDataFolder(join(parent, "data"), "--data-dir");
  expect(statSync(join(parent, "data")).mode & 0o027).toBe(0);
  expect(statSync(parent).mode & 0o022).toBe(0);
});
