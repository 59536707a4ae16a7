import { expect, test } from "vitest";
import { loadZone } from "./zone.ts";

const at = (name: string, moment: string): [number, string] => {
  const { offset, abbreviation } = loadZone(name)!.at(Date.parse(moment) / 1000);
  return [offset / 3600, abbreviation];
};

test.each([
  ["UTC", "2026-11-20T00:00:00Z", [0, "UTC"]],
  ["America/New_York", "2026-11-20T00:00:00Z", [-5, "EST"]],
  ["America/New_York", "2026-07-01T00:00:00Z", [-4, "EDT"]],
  ["America/New_York", "2045-07-01T00:00:00Z", [-4, "EDT"]],
])("loadZone(%s) at %s is %j", (name, moment, expected) => {
  expect(at(name, moment)).toEqual(expected);
});

test("fixed offsets need no zone files, and the zone of an unknown name is undefined", () => {
  expect(at("Asia/Kolkata", "2026-11-20T00:00:00Z")[0]).toBe(5.5);
  expect(loadZone("Nowhere/X")).toBeUndefined();
});
