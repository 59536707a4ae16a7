import { expect, test } from "vitest";
import { byNumber, byText, sortedBy } from "./sorting.ts";

interface One {
  readonly name: string;
  readonly size: number;
}
const FIELDS = { name: byText((one: One) => one.name), size: byNumber((one: One) => one.size) };
const LIST: readonly One[] = [
  { name: "b", size: 1 },
  { name: "A", size: 2 },
  { name: "c", size: 1 },
];
const sorted = (sort: string): string =>
  sortedBy(LIST, new URLSearchParams({ sort }), FIELDS, "name-asc")
    .map(({ name }) => name)
    .join("");

test.each([
  ["", "Abc"],
  ["name-desc", "cbA"],
  ["size-asc,name-desc", "cbA"],
  ["size-desc,name-asc", "Abc"],
])("the order %j sorts as %j", (sort, names) => {
  expect(sorted(sort)).toBe(names);
});

test.each(["name", "age-asc", "name-up", "constructor-asc", "-asc"])(
  "the unknown order %j is refused with the known ones",
  (sort) => {
    expect(() => sorted(sort)).toThrow("use name-asc, name-desc, size-asc, size-desc");
  },
);
