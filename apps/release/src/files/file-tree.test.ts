import { readlinkSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import {
  asPrivate,
  below,
  type Entry,
  file,
  folder,
  inOrder,
  joined,
  program,
  readTree,
  writeTree,
} from "./file-tree.ts";

function place(): string {
  const made = temporaryFolder();
  return made;
}

test("writeTree() writes a folder that readTree() reads, with the given time and the modes of each kind", () => {
  const to = join(place(), "out");
  const tree = new Map<string, Entry>([
    ["a/b/text", file("text")],
    ["a/run", program("run")],
    ["a/link", { kind: "link", to: "run" }],
    ["none", folder],
  ]);
  writeTree(tree, to, 1_600_000_000);
  expect(statSync(join(to, "a/run")).mode & 0o777).toBe(0o755);
  expect(statSync(join(to, "a/b/text")).mode & 0o777).toBe(0o644);
  expect(statSync(join(to, "a/b/text")).mtimeMs).toBe(1_600_000_000_000);
  expect(readlinkSync(join(to, "a/link"))).toBe("run");
  expect([...readTree(to).keys()].sort()).toEqual(["a/b/text", "a/link", "a/run"]);
});

test("writeTree() sets the same modes under any umask", () => {
  const to = join(place(), "out");
  const umask = process.umask(0o077);
  try {
    writeTree(
      new Map([
        ["a/run", program("run")],
        ["secret", asPrivate(file(""))],
      ]),
      to,
      1,
    );
  } finally {
    process.umask(umask);
  }
  const modes = ["", "a", "a/run", "secret"].map((path) => (statSync(join(to, path)).mode & 0o777).toString(8));
  expect(modes).toEqual(["755", "755", "755", "640"]);
});

test("writeTree() replaces an earlier folder completely", () => {
  const to = place();
  writeFileSync(join(to, "old"), "");
  writeTree(new Map([["new", file("")]]), to, 1);
  expect([...readTree(to).keys()]).toEqual(["new"]);
});

test("inOrder() puts each folder before its entries", () => {
  const tree = new Map([
    ["b/c/d", file("")],
    ["b-a", file("")],
    ["a", file("")],
  ]);
  expect(inOrder(tree).map(([path]) => path)).toEqual(["a", "b", "b-a", "b/c", "b/c/d"]);
});

test("joined() refuses two files with the same path", () => {
  const one = new Map([["x", file("1")]]);
  expect(() => joined(below("y", one), below("y", one))).toThrow("two parts of the release have a file y/x");
});
