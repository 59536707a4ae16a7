import { expect, test } from "vitest";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@narthex/runtime/testing";
import { diskFiles, glob, isBadPattern } from "./source.ts";
import { recordFiles } from "./testing/record-files.ts";

const files = recordFiles({
  "r/b.yml": "",
  "r/a.yml": "",
  "r/.c.yml": "",
  "r/d.yaml": "",
  "top.yml": "",
  "s/a.yml": "",
});

test.each([
  ["r/*.yml", ["r/.c.yml", "r/a.yml", "r/b.yml"]],
  ["*.yml", ["top.yml"]],
  ["r/[ab].yml", ["r/a.yml", "r/b.yml"]],
  ["r/[^ab].yml", []],
  ["r/[a-b].yml", ["r/a.yml", "r/b.yml"]],
  ["r/?.yml", ["r/a.yml", "r/b.yml"]],
  ["top.yml", ["top.yml"]],
  ["nowhere.yml", []],
  ["x/*.yml", []],
])("glob(%j)", async (pattern, expected) => {
  expect(await glob(pattern, files)).toEqual(expected);
});

test("glob() with many stars reads a long name in linear time for each star", async () => {
  const long = "a".repeat(200);
  expect(await glob(`${"*a".repeat(40)}b`, recordFiles({ [long]: "" }))).toEqual([]);
  expect(await glob("*a".repeat(40), recordFiles({ [long]: "" }))).toEqual([long]);
});

test("diskFiles.read() accepts UTF-8 and UTF-16 with a byte order mark, and reports the line of other text", async () => {
  const folder = temporaryFolder();
  const file = join(folder, "a.yml");
  writeFileSync(file, "a: é\n");
  expect(await diskFiles.read(file)).toBe("a: é\n");
  writeFileSync(file, Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from("a: é\n", "utf16le")]));
  expect(await diskFiles.read(file)).toBe("a: é\n");
  writeFileSync(file, Buffer.concat([Buffer.from("a: b\nc: "), Buffer.from([0xe9, 0x0a])]));
  await expect(diskFiles.read(file)).rejects.toMatchObject({
    message: expect.stringContaining("invalid UTF-8"),
    line: 2,
  });
});

test.each([
  ["a[b].yml", false],
  ["a\\[.yml", false],
  ["[^a-z]*.yml", false],
  ["a[.yml", true],
  ["a[]", true],
  ["a\\", true],
])("isBadPattern(%j) is %j", (pattern, bad) => {
  expect(isBadPattern(pattern)).toBe(bad);
});

test("a pattern with many brackets that are never closed is refused in one pass", () => {
  expect(isBadPattern(`[a]${"[".repeat(2_000_000)}`)).toBe(true);
  expect(isBadPattern("[a][[][^b-c]x")).toBe(false);
  expect(isBadPattern("[a][")).toBe(true);
});
