import type { ConditionalWrite } from "@narthex/store";
import { expect, test } from "vitest";
import { AUDITED } from "./audited-collections.ts";
import { changedPaths, changeEvents } from "./change-records.ts";

const write = (collection: string, before: unknown, after: unknown, key = "k"): ConditionalWrite => ({
  collection,
  key,
  before: before === undefined ? null : JSON.stringify(before),
  entry: after === undefined ? undefined : { value: JSON.stringify(after), expiresAt: 1 },
});

test("a change has the shown properties that differ, before and after, and the names of the others", () => {
  const user = { id: 3, login: "ann", email: "a@b", role: "Viewer", password: { hash: "old" }, updatedAt: 1 };
  expect(
    changeEvents([write("users", user, { ...user, role: "Editor", password: { hash: "new" }, updatedAt: 2 })]),
  ).toEqual([
    {
      action: "changed",
      kind: "user",
      uid: "3",
      name: "ann",
      before: { role: "Viewer" },
      after: { role: "Editor" },
      changed: ["password"],
    },
  ]);
  expect(
    changeEvents([write("folders", undefined, { id: 1, uid: "f", title: "F", parentUid: "", version: 1 })]),
  ).toEqual([{ action: "created", kind: "folder", uid: "f", name: "F", after: { title: "F", parentUid: "" } }]);
  expect(changeEvents([write("folders", { uid: "f", title: "F" }, undefined)])).toEqual([
    { action: "deleted", kind: "folder", uid: "f", name: "F", before: { title: "F" } },
  ]);
});

test("a property whose shown part is the same is only listed as changed", () => {
  const source = (path: string) => ({ uid: "s", name: "S", url: `https://example.org/${path}` });
  expect(changeEvents([write("data_sources", source("a"), source("b"))])).toEqual([
    { action: "changed", kind: "data-source", uid: "s", name: "S", changed: ["url"] },
  ]);
});

test("a change of ignored properties, counters and silent collections has no record", () => {
  const token = { id: 1, accountId: 2, name: "t", digest: "d", lastUsed: 1 };
  expect(changeEvents([write("tokens", token, { ...token, lastUsed: 2 })])).toEqual([]);
  expect(changeEvents([write("tokens", token, token)])).toEqual([]);
  expect(
    changeEvents([write("users", 1, 2, "#revision"), write("login_failures", { count: 1 }, { count: 2 })]),
  ).toEqual([]);
});

test("an unknown collection and an unreadable record are recorded without values and keys", () => {
  expect(changeEvents([write("inventions", { a: "x" }, { a: "y" }, "secret key")])).toEqual([
    { action: "changed", kind: "inventions", changed: ["*"] },
  ]);
  const broken = { collection: "users", key: "1", before: "{", entry: { value: "{}", expiresAt: 1 } };
  expect(changeEvents([broken])).toEqual([{ action: "changed", kind: "user", changed: ["*"] }]);
  const long = write("library_elements", { uid: "a" }, { uid: "a", model: "x".repeat(600_000) });
  expect(changeEvents([long])).toEqual([{ action: "changed", kind: "library-panel", changed: ["*"] }]);
});

const CANARY = "canary-7f3a91";

/** A value that contains the canary text in every part. */
const secret = (): unknown => ({ [CANARY]: CANARY, nested: [{ [CANARY]: CANARY }] });

/** A record with the canary text in each property that must not be shown, and in unknown parts of shown properties. */
const withCanaries = (shown: readonly string[], n: number): object => ({
  ...Object.fromEntries(shown.map((name) => [name, [{ level: n, userId: n, [CANARY]: CANARY }]])),
  id: 7,
  url: `https://${CANARY}:${CANARY}@example.org/${CANARY}?${CANARY}#${CANARY}`,
  provisioned: { provider: `p${n}`, file: "f", [CANARY]: CANARY },
  ...Object.fromEntries(
    ["password", "digest", "secrets", "jsonData", "key", "deleteKey", "model", "token", "previousToken", CANARY].map(
      (name) => [name, [secret(), n]],
    ),
  ),
});

test("no record of any collection contains a value that the table does not permit", () => {
  let records = 0;
  for (const [collection, treatment] of [...Object.entries(AUDITED), ["unknown", undefined] as const]) {
    const shown = typeof treatment === "object" ? Object.keys(treatment.shown) : [];
    const [old, next] = [withCanaries(shown, 1), withCanaries(shown, 2)];
    // The key of a deleted dashboard's record is an id, which may be shown.
    const key = treatment === "trash" ? "7" : CANARY;
    const events = changeEvents([
      write(collection, undefined, next, key),
      write(collection, old, next, key),
      write(collection, old, undefined, key),
      { collection, key, entry: { value: CANARY, expiresAt: 1 } },
    ]);
    expect(JSON.stringify(events), collection).not.toContain(CANARY);
    records += events.length;
  }
  expect(records).toBeGreaterThan(40);
});

test("a restored dashboard, and one that can no longer be restored, have records", () => {
  const trash = { collection: "deleted_dashboards", key: "7", entry: undefined };
  const added = write("dashboards", undefined, { id: 7, uid: "d", title: "D", version: 3 });
  expect(changeEvents([added, trash])).toMatchObject([{ action: "restored", kind: "dashboard", uid: "d" }]);
  expect(changeEvents([trash])).toEqual([{ action: "deleted", kind: "deleted-dashboard", uid: "7" }]);
  expect(changeEvents([write("deleted_dashboards", undefined, { record: {} })])).toEqual([]);
});

test("long texts and lists are shortened, and many changes of one step have one last record with their number", () => {
  const [event] = changeEvents([
    write("teams", undefined, {
      uid: "t",
      name: "n".repeat(1000),
      members: Array.from({ length: 60 }, () => ({ userId: 1 })),
    }),
  ]);
  expect([(event!.after!["name"] as string).length, (event!.after!["members"] as unknown[]).at(-1)]).toEqual([
    301,
    "… 10 more",
  ]);
  const many = changeEvents(Array.from({ length: 250 }, (_, i) => write("folders", undefined, { uid: `f${i}` })));
  expect([many.length, many.at(-1)!.omitted]).toEqual([200, 50]);
});

test("changedPaths() names the known top-level properties that differ", () => {
  const old = JSON.stringify({ title: "A", version: 1, panels: [1], time: {}, secretWord: 1 });
  const next = JSON.stringify({ title: "A", version: 2, panels: [2], refresh: "5s", time: {}, secretWord: 2 });
  expect(changedPaths(old, next)).toEqual(["panels", "…", "refresh"]);
  expect(changedPaths("{", next)).toBeUndefined();
});
