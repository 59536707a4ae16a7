import { expect, test } from "vitest";
import { keyNames, keySections } from "./key-list.ts";
import { EDIT_KEYS, PANEL_KEYS, TIME_KEYS } from "./key-table.ts";

test("the list contains each key of the tables once, with what it does", () => {
  const ways = keySections("Ctrl").flatMap(({ keys }) => keys.flatMap((one) => one.ways));
  for (const way of Object.keys({ ...TIME_KEYS, ...PANEL_KEYS, ...EDIT_KEYS })) {
    // Escape also closes suggestions.
    expect(ways.filter((one) => one === way)).toHaveLength(way === "Escape" ? 2 : 1);
  }
  expect(ways).toEqual(expect.arrayContaining(["Ctrl+K", "?"]));
});

test("keys have the names of keyboards", () => {
  expect(keyNames("t ArrowLeft")).toEqual(["t", "←"]);
  expect(keyNames("Escape")).toEqual(["Esc"]);
});
