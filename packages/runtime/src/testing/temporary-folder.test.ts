import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { temporaryFolder } from "./temporary-folder.ts";

const lasting = temporaryFolder();
const made: string[] = [];
beforeEach(() => void made.push(temporaryFolder()));

test("a temporary folder exists with its files during its test", () => {
  const folder = temporaryFolder();
  made.push(folder);
  writeFileSync(join(folder, "file"), "text");
  expect(made.map((path) => existsSync(path))).toEqual([true, true]);
});

test("the folders of an earlier test are removed, but not those of the file", () => {
  expect(made.map((path) => existsSync(path))).toEqual([false, false, true]);
  expect(existsSync(lasting)).toBe(true);
});
