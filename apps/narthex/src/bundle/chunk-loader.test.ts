import { mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Script } from "node:vm";
import { threadId } from "node:worker_threads";
import { ManualClock, temporaryFolder } from "@narthex/runtime/testing";
import { beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { ChunkLoader } from "./chunk-loader.ts";
import { type CachedCode, decodeCodeCache, encodeCodeCache } from "./code-cache-file.ts";

let dir = "";
let clock: ManualClock;

beforeEach(() => {
  dir = temporaryFolder();
  mkdirSync(join(dir, "code-cache"));
  clock = new ManualClock();
});

const write = (name: string, body: string): void =>
  writeFileSync(
    join(dir, name),
    `(function (exports, require, module, __filename, __dirname) { "use strict";${body}\n})`,
  );

const loader = (): ChunkLoader => new ChunkLoader({ dir, cacheFile: join(dir, "code-cache", "role"), clock });
const kept = (): readonly string[] => readdirSync(join(dir, "code-cache"));
const size = (): number => readFileSync(join(dir, "code-cache", "role")).length;

const LAZY = `exports.lazy = () => { const words = ["a", "b", "c"]; return words.map((word) => word + word).join(); };`;

test("chunks are loaded once, can require each other and Node's modules, and run in strict mode", () => {
  write(
    "main.js",
    `const { own } = require("./own.js"); exports.all = [own(), own === require("./own.js").own, require("node:path").sep, __filename];`,
  );
  write("own.js", `exports.own = function () { return this; };`);
  const { all } = loader().load("main.js") as { all: unknown[] };
  expect(all).toEqual([undefined, true, "/", join(dir, "main.js")]);
});

test("a chunk can require modules outside the bundle", () => {
  mkdirSync(join(dir, "node_modules/native"), { recursive: true });
  writeFileSync(join(dir, "node_modules/native/index.js"), "module.exports = 7;");
  write("main.js", `exports.native = require("native");`);
  expect(loader().load("main.js")).toEqual({ native: 7 });
});

test("a chunk whose body threw runs again at the next require", () => {
  write("main.js", `exports.early = 1; require("./own.js"); exports.late = 2;`);
  write("own.js", `if (globalThis.ownTries++ < 2) throw new Error("not yet"); exports.done = true;`);
  Object.assign(globalThis, { ownTries: 0 });
  const one = loader();
  for (let i = 0; i < 2; i++) expect(() => one.load("main.js")).toThrow("not yet");
  expect(one.load("main.js")).toEqual({ early: 1, late: 2 });
  expect(one.load("own.js")).toEqual({ done: true });
  Reflect.deleteProperty(globalThis, "ownTries");
});

test("code of functions that ran is saved too, so the next process compiles nothing", () => {
  write("main.js", LAZY);
  const first = loader();
  first.load("main.js");
  first.writeCode();
  const unused = size();
  rmSync(join(dir, "code-cache", "role"));
  const second = loader();
  const { lazy } = second.load("main.js") as { lazy: () => string };
  expect(lazy()).toBe("aa,bb,cc");
  second.writeCode();
  expect(size()).toBeGreaterThan(unused + 100);
  const third = loader();
  expect((third.load("main.js") as { lazy: () => string }).lazy()).toBe("aa,bb,cc");
  rmSync(join(dir, "code-cache", "role"));
  third.writeCode();
  expect(kept()).toEqual([]);
});

test("the code of a chunk that is loaded for the first time is added to the saved code of other chunks", () => {
  write("main.js", LAZY);
  write("more.js", LAZY);
  for (const name of ["main.js", "more.js"]) {
    const one = loader();
    one.load(name);
    one.writeCode();
  }
  const both = loader();
  both.load("main.js");
  both.load("more.js");
  rmSync(join(dir, "code-cache", "role"));
  both.writeCode();
  expect(kept()).toEqual([]);
});

test("saved code of another source is not used, even if the source has the same length", () => {
  for (const text of ["one", "two"]) {
    write("main.js", `exports.text = () => "${text}";`);
    const one = loader();
    expect((one.load("main.js") as { text: () => string }).text()).toBe(text);
    one.writeCode();
  }
});

test("saved code that V8 rejects, and a damaged file, are replaced", () => {
  write("main.js", LAZY);
  const first = loader();
  first.load("main.js");
  first.writeCode();
  const file = join(dir, "code-cache", "role");
  const good = readFileSync(file);
  const [[name, { source, code }]] = [...decodeCodeCache(good)] as [[string, CachedCode]];
  const foreign = encodeCodeCache(
    new Map([[name, { source, code: code.map((byte, i) => (i === 4 ? byte ^ 1 : byte)) }]]),
  );
  for (const bad of [foreign, good.subarray(0, 100), new Uint8Array()]) {
    writeFileSync(file, bad);
    const next = loader();
    expect((next.load("main.js") as { lazy: () => string }).lazy()).toBe("aa,bb,cc");
    next.writeCode();
    expect(decodeCodeCache(readFileSync(file)).get("main.js")!.code.length).toBeGreaterThanOrEqual(code.length);
  }
  expect(kept()).toEqual(["role"]);
});

test("a folder that cannot be written to is no error", () => {
  write("main.js", LAZY);
  rmSync(join(dir, "code-cache"), { recursive: true });
  const one = loader();
  one.load("main.js");
  one.writeCode();
  expect(readdirSync(dir)).toEqual(["main.js"]);
});

test("leftover files of killed writers are removed; files that may still be written stay", () => {
  write("main.js", LAZY);
  const cache = (name: string): string => join(dir, "code-cache", name);
  const others = ["role.2.0", "role2", "role2.1.0"];
  for (const name of ["role.1.0", "role.1.7", ...others]) {
    writeFileSync(cache(name), "cut o");
    utimesSync(cache(name), 100, name === "role.2.0" ? 150 : 100);
  }
  clock = new ManualClock(200_000);
  const one = loader();
  one.load("main.js");
  one.writeCode();
  expect(kept().toSorted()).toEqual(["role", ...others]);
});

test.each([
  ["hinders no writer", "role.1.0", ["role", "role.1.0"]],
  [
    "in the place of a writer's own file is no error",
    `role.${process.pid}.${threadId}`,
    [`role.${process.pid}.${threadId}`],
  ],
])("what cannot be removed %s", (_, name, wanted) => {
  write("main.js", LAZY);
  // A folder with the name of a leftover temporary file, which must not be removed.
  mkdirSync(join(dir, "code-cache", name));
  utimesSync(join(dir, "code-cache", name), 1, 1);
  clock = new ManualClock(200_000);
  const one = loader();
  one.load("main.js");
  one.writeCode();
  expect(kept()).toEqual(wanted);
});

/** A clock that records how many chunks were saved by each timer callback. */
class CountingClock extends ManualClock {
  readonly turns: number[] = [];
  readonly #taken = vi.spyOn(Script.prototype, "createCachedData").mock.calls;

  override after(ms: number, run: () => void): () => void {
    return super.after(ms, () => {
      const before = this.#taken.length;
      run();
      this.turns.push(this.#taken.length - before);
    });
  }
}

test("code is saved some seconds after the start, one chunk in each turn of the event loop", async () => {
  onTestFinished(() => void vi.restoreAllMocks());
  const counting = new CountingClock();
  clock = counting;
  write("main.js", `require("./own.js"); require("./more.js");`);
  write("own.js", LAZY);
  write("more.js", LAZY);
  const one = loader();
  one.keepCode();
  one.load("main.js");
  await clock.advance(900);
  expect(kept()).toEqual([]);
  await clock.advance(4200);
  expect(kept()).toEqual(["role"]);
  expect([...decodeCodeCache(readFileSync(join(dir, "code-cache", "role"))).keys()].toSorted()).toEqual([
    "main.js",
    "more.js",
    "own.js",
  ]);
  expect(counting.turns.filter((chunks) => chunks > 0)).toEqual([1, 1, 1]);
});
