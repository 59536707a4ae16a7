import { openSqlite } from "@narthex/store";
import { SharedMemory } from "@narthex/store/testing";
import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { Documents } from "../state/documents.ts";
import { AuditLog } from "./audit-log.ts";
import { auditLines, auditPage, auditQuery } from "./audit-search.ts";
import { auditedStore } from "./audited-store.ts";

const DAY_MS = 86_400_000;
const START = Date.UTC(2026, 10, 1);
const SERVER = { actor: { kind: "server" } } as const;

function open(limits: { readonly maxAgeMs?: number; readonly maxRecords?: number } = {}) {
  const store = openSqlite(":memory:");
  const clock = new ManualClock(START);
  const logger = memoryLogger();
  const log = new AuditLog(store, { clock, logger, maxAgeMs: 0, maxRecords: 0, ...limits });
  const search = (query: Record<string, string>, limit = 100) =>
    auditPage(log, auditQuery(new URLSearchParams(query)), limit);
  const namesOf = async (query: Record<string, string>) => (await search(query)).records.map(({ name }) => name);
  return { store, clock, logger, log, search, namesOf };
}

test("a change and its record are stored together, or neither", async () => {
  const database = new SharedMemory();
  const [one, two] = [database.open(), database.open()];
  const log = new AuditLog(one, { clock: new ManualClock(START), logger: memoryLogger(), maxAgeMs: 0, maxRecords: 0 });
  const store = auditedStore(one, log, () => undefined);
  const folders = await Documents.open<{ uid: string; title: string }>(store, "folders", { clock: new ManualClock() });
  await folders.update("f", () => ({ uid: "f", title: "A" }));
  const records = async () => (await two.collection("audit").entries()).map(({ value }) => JSON.parse(value));
  expect(await records()).toMatchObject([{ action: "created", kind: "folder", uid: "f", actor: { kind: "server" } }]);
  // Another instance writes first, so the store refuses the first attempt completely.
  const attempts: boolean[] = [];
  const raced = auditedStore(
    {
      ...one,
      async exchange(writes) {
        if (attempts.length === 0)
          await two.collection("folders").put({ key: "f", value: '{"uid":"f","title":"B"}', expiresAt: 1e15 });
        const isDone = await one.exchange(writes);
        attempts.push(isDone);
        return isDone;
      },
    },
    log,
    () => undefined,
  );
  const later = await Documents.open<{ uid: string; title: string }>(raced, "folders", { clock: new ManualClock() });
  await later.update("f", (before) => before && { ...before, title: `${before.title}!` });
  expect(attempts).toEqual([false, true]);
  expect((await records()).slice(1)).toMatchObject([
    { action: "changed", before: { title: "B" }, after: { title: "B!" } },
  ]);
  one.refuse("disk full");
  await expect(later.remove("f")).rejects.toThrow("disk full");
  expect((await records()).length).toBe(2);
});

test("an event that the store refuses stops nothing, and is counted and logged once", async () => {
  const database = new SharedMemory();
  const store = database.open();
  const logger = memoryLogger();
  const log = new AuditLog(store, { clock: new ManualClock(START), logger, maxAgeMs: 0, maxRecords: 0 });
  store.refuse("disk full");
  await log.note({ action: "refused", kind: "route" });
  await log.note({ action: "refused", kind: "route" });
  expect([log.counts.lost, logger.lines.length]).toEqual([2, 1]);
});

test("the search finds records by time, actor, action, kind and text, the latest first", async () => {
  const { clock, log, namesOf } = open();
  const ann = { actor: { kind: "user", id: 3, login: "Ann" }, address: "10.0.0.7" } as const;
  await log.note({ action: "created", kind: "folder", uid: "f1", name: "One" }, ann);
  await clock.advance(DAY_MS);
  await log.note({ action: "deleted", kind: "folder", uid: "f1", name: "Two" }, SERVER);
  await clock.advance(DAY_MS);
  await log.note({ action: "changed", kind: "team", name: "Three", after: { name: 'say "hi"' } }, SERVER);
  expect(await namesOf({})).toEqual(["Three", "Two", "One"]);
  expect(await namesOf({ from: String(START + DAY_MS) })).toEqual(["Three", "Two"]);
  expect(await namesOf({ to: new Date(START + DAY_MS).toISOString() })).toEqual(["Two", "One"]);
  expect(await namesOf({ actor: "ann" })).toEqual(["One"]);
  expect(await namesOf({ actor: "3" })).toEqual(["One"]);
  expect(await namesOf({ actor: "server" })).toEqual(["Three", "Two"]);
  expect(await namesOf({ action: "deleted" })).toEqual(["Two"]);
  expect(await namesOf({ kind: "team" })).toEqual(["Three"]);
  expect(await namesOf({ q: "10.0.0" })).toEqual(["One"]);
  expect(await namesOf({ q: 'SAY "HI"' })).toEqual(["Three"]);
  // The search for "actor" finds no records, because it ignores the names of a record's properties.
  expect(await namesOf({ q: "actor" })).toEqual([]);
});

test("pages follow each other without gaps, and the export has the same records", async () => {
  const { log, search } = open();
  for (let i = 0; i < 250; i++) await log.note({ action: "changed", kind: "team", name: `n${i}` }, SERVER);
  const names: (string | undefined)[] = [];
  for (let before: string | undefined = ""; before !== undefined;) {
    const page: Awaited<ReturnType<typeof search>> = await search(before === "" ? {} : { before }, 100);
    names.push(...page.records.map(({ name }) => name));
    before = page.next;
  }
  expect(names).toEqual(Array.from({ length: 250 }, (_, i) => `n${249 - i}`));
  const lines = (await Array.fromAsync(auditLines(log, auditQuery(new URLSearchParams())))).join("").split("\n");
  expect([lines.length, JSON.parse(lines[0]!).name, lines.at(-1)]).toEqual([251, "n249", ""]);
});

test("a page reads at most 20,000 records, and tells where the next one begins", async () => {
  const { log, search, store } = open();
  await log.note({ action: "changed", kind: "team", name: "first" }, SERVER);
  const entries = Array.from({ length: 25_000 }, (_, i) => {
    const { id: key, text: value } = log.recordOf({ action: "changed", kind: "folder", name: `n${i}` }, SERVER);
    return { key, value, expiresAt: 1e15 };
  });
  await store.collection("audit", "process").change(entries, []);
  const page = await search({ kind: "team" });
  expect([page.records, page.next]).toEqual([[], entries[5000]!.key]);
  const rest = await search({ kind: "team", before: page.next! });
  expect([rest.records.map(({ name }) => name), rest.next]).toEqual([["first"], undefined]);
});

test("records that are too old, or too many, are removed", async () => {
  const { clock, log, namesOf } = open({ maxAgeMs: 10 * DAY_MS, maxRecords: 5 });
  for (let day = 0; day < 8; day++) {
    await log.note({ action: "changed", kind: "team", name: `day ${day}` }, SERVER);
    await clock.advance(DAY_MS);
  }
  await log.trim();
  expect(await namesOf({})).toEqual(["day 7", "day 6", "day 5", "day 4", "day 3"]);
  await clock.advance(8 * DAY_MS);
  await log.trim();
  expect(await namesOf({})).toEqual(["day 7", "day 6"]);
});

test("old records are removed after 500 new ones, without a call", async () => {
  const { log, search, store } = open({ maxRecords: 100 });
  for (let i = 0; i < 501; i++) await log.note({ action: "changed", kind: "team", name: `n${i}` }, SERVER);
  await log.close();
  expect((await store.collection("audit").entries()).length).toBeLessThan(600);
  expect((await search({}, 1)).records[0]!.name).toBe("n500");
});

test("a record that would be too long has only the names of the properties", async () => {
  const { log, search } = open();
  const texts = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`p${i}`, "x".repeat(300)]));
  await log.note({ action: "changed", kind: "team", name: "big", after: texts }, SERVER);
  const [record] = (await search({})).records;
  expect([record!.after, record!.changed!.length, record!.name]).toEqual([undefined, 100, "big"]);
});

test("invalid parameters of a search are refused with their names", () => {
  const refused = (query: Record<string, string>) => () => auditQuery(new URLSearchParams(query));
  expect(refused({ from: "yesterday" })).toThrow("from: must be Unix ms");
  expect(refused({ before: "x' OR 1" })).toThrow("before: must be the `next` of a page");
  expect(refused({ q: "x".repeat(201) })).toThrow("q: must have at most 200 characters");
});
