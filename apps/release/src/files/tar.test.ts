import fc from "fast-check";
import { expect, test } from "vitest";
import { type Entry, file, type FileTree, folder, program } from "./file-tree.ts";
import { tar, untar } from "./tar.ts";

const BLOCK = 512;
const options = { epoch: 1_700_000_000, top: "narthex" };

const name = fc.stringMatching(/^[a-zA-Z0-9 _.@+-]{1,40}$/).filter((one) => !/^\.{1,2}$/.test(one));
const path = fc.array(name, { minLength: 1, maxLength: 6 }).map((names) => ["f", ...names].join("/"));
const entry: fc.Arbitrary<Entry> = fc
  .tuple(fc.uint8Array({ maxLength: 1500 }), fc.boolean())
  .map(([bytes, isExecutable]) => ({ kind: "file", bytes, isExecutable }));
/** Random trees of an archive. In a tree, no path is both a file and a folder. */
const trees: fc.Arbitrary<FileTree> = fc
  .array(fc.tuple(path, entry), { maxLength: 12 })
  .map((rows) => new Map(rows.map(([path, entry], i) => [`${i}/${path}`, entry])));

const plain = (tree: FileTree): unknown =>
  [...tree]
    .map(([path, entry]) => [
      path,
      entry.kind === "file" && [Buffer.from(entry.bytes).toString("hex"), entry.isExecutable],
    ])
    .sort();

test("untar() returns the tree that tar() was given, including long paths", async () => {
  await fc.assert(
    fc.asyncProperty(trees, async (tree) => {
      expect(plain(await untar(await tar(tree, options)))).toEqual(plain(tree));
    }),
  );
});

test("the order in which a tree was built does not change the bytes", async () => {
  await fc.assert(
    fc.asyncProperty(trees, async (tree) => {
      const reversed = new Map([...tree].reverse());
      expect(Buffer.from(await tar(reversed, options)).equals(await tar(tree, options))).toBe(true);
    }),
  );
});

test("headers have the given time, root as owner, and fixed modes", async () => {
  const tree: FileTree = new Map<string, Entry>([
    ["bin/run", program("#!/bin/sh\n")],
    ["empty", folder],
    ["link", { kind: "link", to: "bin/run" }],
    ["text", file("x")],
  ]);
  const bytes = Buffer.from(await tar(tree, options));
  const rows: unknown[] = [];
  for (let at = 0; bytes[at] !== 0;) {
    const text = (from: number, to: number): string =>
      bytes.toString("latin1", at + from, at + to).replace(/\0.*$/s, "");
    const octal = (from: number, to: number): number => Number.parseInt(text(from, to), 8);
    rows.push([
      text(0, 100),
      text(156, 157),
      octal(100, 108).toString(8),
      octal(108, 116),
      octal(136, 148),
      text(157, 257),
    ]);
    at += BLOCK + Math.ceil(octal(124, 136) / BLOCK) * BLOCK;
  }
  const at = options.epoch;
  expect(rows).toEqual([
    ["narthex/", "5", "755", 0, at, ""],
    ["narthex/bin/", "5", "755", 0, at, ""],
    ["narthex/bin/run", "0", "755", 0, at, ""],
    ["narthex/empty/", "5", "755", 0, at, ""],
    ["narthex/link", "2", "777", 0, at, "bin/run"],
    ["narthex/text", "0", "644", 0, at, ""],
  ]);
});
