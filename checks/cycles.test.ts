import { expect, test } from "vitest";
import { cyclesAcrossFolders, importCycles } from "./cycles.ts";
import { sourceFiles } from "./sources.ts";

const file = (path: string, ...imports: string[]) => ({
  path,
  lines: imports.map((specifier) => `import type { A } from "${specifier}";`),
  isTest: false,
});

const chain = file("packages/x/src/a.ts", "./room/b.ts");
const back = file("packages/x/src/room/b.ts", "../c.ts");
const end = file("packages/x/src/c.ts", "./a.ts");

test("importCycles() finds files that import each other through other files, and no file outside the cycle", () => {
  expect(importCycles([chain, back, end, file("packages/x/src/d.ts", "./a.ts")])).toEqual([
    ["packages/x/src/a.ts", "packages/x/src/c.ts", "packages/x/src/room/b.ts"],
  ]);
  expect(importCycles([chain, back, file("packages/x/src/c.ts", "./d.ts"), file("packages/x/src/d.ts")])).toEqual([]);
});

test("cyclesAcrossFolders() ignores cycles within a folder", () => {
  const there = file("packages/x/src/there.ts", "./again.ts");
  const again = file("packages/x/src/again.ts", "./there.ts");
  expect(importCycles([there, again])).toHaveLength(1);
  expect(cyclesAcrossFolders([there, again])).toEqual([]);
  expect(cyclesAcrossFolders([chain, back, end])).toHaveLength(1);
});

test("no import cycle contains files of two folders: a folder can be read without the folders that use it", () => {
  expect(cyclesAcrossFolders(sourceFiles())).toEqual([]);
});
