import { expect, test } from "vitest";
import { keyNames, keySections } from "./key-list.ts";
import { actionsOf, EDIT_KEYS, PANEL_KEYS, TIME_KEYS } from "./key-table.ts";

test("the list contains each key of the tables once, with what it does", () => {
  const ways = keySections("Ctrl").flatMap(({ keys }) => keys.flatMap((one) => one.ways));
  for (const { keys } of [...TIME_KEYS, ...PANEL_KEYS, ...EDIT_KEYS]) {
    // Escape also closes suggestions.
    expect(ways.filter((way) => way === keys)).toHaveLength(keys === "Escape" ? 2 : 1);
  }
  expect(ways).toEqual(expect.arrayContaining(["Ctrl+K", "?"]));
});

test("no key has two actions", () => {
  for (const rows of [TIME_KEYS, PANEL_KEYS, EDIT_KEYS])
    expect(Object.keys(actionsOf(rows as readonly { keys: string; action: string }[]))).toHaveLength(rows.length);
});

test("keys have the names of keyboards", () => {
  expect(keyNames("t ArrowLeft")).toEqual(["t", "←"]);
  expect(keyNames("Escape")).toEqual(["Esc"]);
});
