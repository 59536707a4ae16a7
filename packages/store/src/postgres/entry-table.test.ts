import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { EntryTable } from "./entry-table.ts";
import type { PostgresSession } from "./postgres-session.ts";

const ROW = { id: "1", collection: "notes", key: "k", value: "v", expires_at: 1, changed_at: null };

/** Returns a table for which every read of the database returns the same row. */
function table() {
  const logger = memoryLogger();
  const session = { channel: "c", run: async () => [ROW] };
  return { logger, entries: new EntryTable(session as unknown as PostgresSession, new ManualClock(0), logger) };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test.each([
  ["a notification", (entries: EntryTable) => entries.onWritten("notes", ["1"])],
  ["a new session", (entries: EntryTable) => entries.reload()],
])("an error of a watcher is logged, and the other watchers are called: after %s", async (_what, change) => {
  const { entries, logger } = table();
  const keys: string[] = [];
  entries.collection("notes").watch(() => {
    throw new Error("it cannot be read");
  });
  entries.collection("notes").watch(({ put }) => keys.push(...put.map(({ key }) => key)));
  change(entries);
  await turn();
  await turn();
  expect(keys).toEqual(["k"]);
  expect(logger.lines).toMatchObject([
    { level: "warn", fields: { err: "a change of the collection notes was not taken in: it cannot be read" } },
  ]);
});
