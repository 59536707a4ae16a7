import { statSync, symlinkSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { temporaryFolder } from "@narthex/runtime/testing";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openSqlite } from "./sqlite.ts";

const ENTRY = { key: "a", value: "1", expiresAt: Infinity };

/** Actions of the simulated store, in order. */
let steps: string[] = [];
/** Simulates writing to the disk. May reject. */
let disk: () => Promise<void> = async () => undefined;
let path = "";

const { value } = Object.getOwnPropertyDescriptor(DatabaseSync.prototype, "exec")!;
const exec = value as (this: DatabaseSync, text: string) => void;

beforeEach(async () => {
  steps = [];
  disk = async () => undefined;
  path = join(temporaryFolder(), "state.db");
  vi.spyOn(DatabaseSync.prototype, "exec").mockImplementation(function (this: DatabaseSync, text: string) {
    const step = /^COMMIT$|synchronous = \w+/.exec(text)?.[0];
    if (step !== undefined) steps.push(step);
    exec.call(this, text);
  });
  const some = await open(tmpdir(), "r");
  vi.spyOn(Object.getPrototypeOf(some) as FileHandle, "datasync").mockImplementation(async () => {
    steps.push("sync begins");
    await disk();
    steps.push("sync ends");
  });
  await some.close();
});

afterEach(() => vi.restoreAllMocks());

test("a write that must survive a power failure resolves after the log's sync that follows its commit", async () => {
  const store = openSqlite(path);
  steps = [];
  const [lasting, passing] = [store.collection("lasting"), store.collection("passing", "process")];
  await passing.put(ENTRY);
  steps.push("passing is promised");
  await lasting.put(ENTRY);
  steps.push("lasting is promised");
  await Promise.all([passing.put(ENTRY), lasting.put(ENTRY)]);
  expect(steps).toEqual([
    "COMMIT",
    "passing is promised",
    "COMMIT",
    "sync begins",
    "sync ends",
    "lasting is promised",
    "COMMIT",
    "sync begins",
    "sync ends",
  ]);
  await store.close();
});

test("a write during a sync waits for the next one; reads do not wait", async () => {
  const syncs = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const begun = Promise.withResolvers<void>();
  let count = 0;
  disk = () => {
    begun.resolve();
    return syncs[count++]!.promise;
  };
  const store = openSqlite(path);
  steps = [];
  const notes = store.collection("notes");
  const first = notes.put(ENTRY);
  await begun.promise;
  const second = notes.put({ ...ENTRY, key: "b" });
  expect((await notes.entries()).map(({ key }) => key)).toEqual(["a", "b"]);
  syncs[0]!.resolve();
  await first;
  expect(steps.slice(0, 4)).toEqual(["COMMIT", "sync begins", "COMMIT", "sync ends"]);
  syncs[1]!.resolve();
  await second;
  expect(steps.slice(4)).toEqual(["sync begins", "sync ends"]);
  await store.close();
});

test("after a failed sync all commits are moved out of the log, and the write resolves", async () => {
  const store = openSqlite(path);
  steps = [];
  const notes = store.collection("notes");
  disk = () => Promise.reject(new Error("EIO: i/o error, fdatasync"));
  await notes.put(ENTRY);
  expect(steps).toEqual(["COMMIT", "sync begins", "synchronous = NORMAL"]);
  expect(statSync(`${path}-wal`).size).toBe(0);
  await store.close();
});

test("while neither the log nor the database's file can be synced, writes are refused", async () => {
  const store = openSqlite(path);
  steps = [];
  const notes = store.collection("notes");
  await notes.put(ENTRY);
  const other = new DatabaseSync(path);
  other.exec("BEGIN; SELECT * FROM notes");
  const reading = other.prepare("SELECT * FROM notes").all();
  expect(reading).toHaveLength(1);
  store.collection("others");
  disk = () => Promise.reject(new Error("EIO: i/o error, fdatasync"));
  const refusal = `write to ${path}: EIO: i/o error, fdatasync; emptying the write-ahead log failed: another connection uses it`;
  await expect(notes.put({ ...ENTRY, key: "b" })).rejects.toThrow(refusal);
  steps = [];
  await expect(notes.put({ ...ENTRY, key: "c" })).rejects.toThrow(refusal);
  expect(steps).not.toContain("COMMIT");
  other.exec("COMMIT");
  other.close();
  disk = async () => undefined;
  await notes.put({ ...ENTRY, key: "d" });
  expect((await notes.entries()).map(({ key }) => key)).toEqual(["a", "b", "d"]);
  await store.close();
});

test("a commit during a failed sync does not resolve with the next sync, which the system reports as successful", async () => {
  const store = openSqlite(path);
  const notes = store.collection("notes");
  await notes.put(ENTRY);
  const other = new DatabaseSync(path);
  other.exec("BEGIN");
  other.prepare("SELECT * FROM notes").all();
  const failing = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  disk = () => {
    begun.resolve();
    return failing.promise;
  };
  const first = notes.put({ ...ENTRY, key: "b" });
  await begun.promise;
  const second = notes.put({ ...ENTRY, key: "c" });
  expect((await notes.entries()).map(({ key }) => key)).toEqual(["a", "b", "c"]);
  disk = async () => undefined;
  failing.reject(new Error("EIO: i/o error, fdatasync"));
  await expect(first).rejects.toThrow("another connection uses it");
  await expect(second).rejects.toThrow("another connection uses it");
  other.exec("COMMIT");
  other.close();
  await notes.put({ ...ENTRY, key: "d" });
  await store.close();
});

test("a store behind a symbolic link syncs the log of the link's target", async () => {
  await openSqlite(path).close();
  const link = `${path}.link`;
  symlinkSync(path, link);
  const store = openSqlite(link);
  steps = [];
  await store.collection("notes").put(ENTRY);
  expect(steps).toEqual(["COMMIT", "sync begins", "sync ends"]);
  await store.close();
});
