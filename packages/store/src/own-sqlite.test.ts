import { existsSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { openOwnSqlite } from "./own-sqlite.ts";

test("a state file that is open cannot be opened again until it is closed", async () => {
  const path = join(temporaryFolder(), "new", "state.db");
  const store = await openOwnSqlite(path);
  await expect(openOwnSqlite(path)).rejects.toMatchObject({
    name: "StoreError",
    message: `${path} is in use by another process (it holds a lock on ${path}.lock): stop that process or choose another file`,
  });
  await store.close();
  const again = await openOwnSqlite(path);
  await again.close();
  expect(existsSync(`${path}.lock`)).toBe(false);
});

test("a state file that cannot be opened is not locked", async () => {
  const folder = temporaryFolder();
  await expect(openOwnSqlite(folder)).rejects.toThrow(`open ${folder}: `);
  expect(existsSync(`${folder}.lock`)).toBe(false);
});
