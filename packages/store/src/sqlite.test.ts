import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { temporaryFolder } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { openSqlite } from "./sqlite.ts";
import { exchangeContract } from "./testing/exchange-contract.ts";
import { storeContract } from "./testing/contract.ts";

const freshPath = (): string => join(temporaryFolder(), "deep", "state.db");

storeContract("sqlite", async () => {
  const path = freshPath();
  const store = openSqlite(path);
  return {
    store,
    reopen: async () => {
      await store.close();
      return openSqlite(path);
    },
  };
});

exchangeContract("sqlite", async (instances) => {
  const store = openSqlite(freshPath());
  return Array.from({ length: instances }, () => store);
});

test("a write to a closed store fails with a message", async () => {
  const path = freshPath();
  const store = openSqlite(path);
  const notes = store.collection("notes");
  await store.close();
  await expect(notes.put({ key: "a", value: "1", expiresAt: 1 })).rejects.toThrow(
    `write to ${path}: database is not open`,
  );
});

test("the error of openSqlite() names a file that is not a database", () => {
  const path = join(temporaryFolder(), "state.db");
  writeFileSync(path, "this is no database at all, but long enough to have a header");
  expect(() => openSqlite(path)).toThrow(`open ${path}: file is not a database`);
});

test("openSqlite() refuses a file that a newer version has changed, and does not change it", async () => {
  const path = freshPath();
  const store = openSqlite(path);
  await store.collection("notes").put({ key: "a", value: "1", expiresAt: 1 });
  await store.close();
  const setFormat = (format: number): void => {
    const database = new DatabaseSync(path);
    database.exec(`PRAGMA user_version = ${format}`);
    database.close();
  };
  setFormat(1);
  const before = readFileSync(path);
  expect(() => openSqlite(path)).toThrow(
    `open ${path}: a newer version has changed the file (its format is 1, this version reads 0): start that version again`,
  );
  expect(readFileSync(path).equals(before)).toBe(true);
  setFormat(0);
  const again = openSqlite(path);
  expect(await again.collection("notes").get("a")).toMatchObject({ value: "1" });
  await again.close();
});

test("openSqlite() creates files that only this user may read", async () => {
  const path = freshPath();
  const store = openSqlite(path);
  await store.collection("notes").put({ key: "a", value: "1", expiresAt: 1 });
  const folder = dirname(path);
  const modes = readdirSync(folder).map((name) => [name, statSync(join(folder, name)).mode & 0o777]);
  expect(Object.fromEntries(modes)).toEqual({ "state.db": 0o600, "state.db-shm": 0o600, "state.db-wal": 0o600 });
  await store.close();
});

test("openSqlite() removes the permissions of others from the files of an earlier version", async () => {
  const path = freshPath();
  const files = [path, `${path}-wal`, `${path}-shm`];
  const before = openSqlite(path);
  await before.collection("notes").put({ key: "a", value: "1", expiresAt: 1 });
  for (const file of files) chmodSync(file, 0o644);
  const store = openSqlite(path);
  expect(files.map((file) => statSync(file).mode & 0o777)).toEqual([0o600, 0o600, 0o600]);
  await store.close();
  await before.close();
});
