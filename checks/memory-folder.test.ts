import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { newMemoryFolder } from "./memory-folder.ts";

/** A process number that is larger than that of any process. */
const NO_PROCESS = 2 ** 30;

test("newMemoryFolder() creates an empty folder if the space suffices, and removes folders of ended processes", () => {
  const parent = mkdtempSync(join(tmpdir(), "memory-"));
  onTestFinished(() => rmSync(parent, { recursive: true }));
  mkdirSync(join(parent, `narthex-tests-${NO_PROCESS}`));
  mkdirSync(join(parent, "other"));
  const folder = newMemoryFolder(parent);
  expect(readdirSync(parent)).toEqual([...(folder === undefined ? [] : [basename(folder)]), "other"]);
  expect(folder === undefined ? [] : readdirSync(folder)).toEqual([]);
});

test("newMemoryFolder() returns undefined on a machine without such a folder", () => {
  expect(newMemoryFolder(join(tmpdir(), "missing"))).toBeUndefined();
});
