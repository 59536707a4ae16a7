import { expect, test } from "vitest";
import { option, options, variable } from "../testing/variables.ts";
import { filterOptions, jsonOptions, listedOptions, withStaticOptions } from "./variable-options.ts";
import { offeredBy } from "./offered-options.ts";

test("listedOptions() splits a text and its value at the last colon with spaces around it", () => {
  expect(listedOptions("a, Production  :  prod : 1,b:c,x :y")).toEqual([
    { text: "a", value: "a" },
    { text: "Production  :  prod", value: "1" },
    { text: "b:c", value: "b:c" },
    { text: "x :y", value: "x :y" },
  ]);
});

test("listedOptions() reads a million spaces and colons in linear time", () => {
  expect(listedOptions(`a${" :".repeat(400_000)}`)).toHaveLength(1);
  expect(listedOptions(`a${" ".repeat(900_000)}b`)).toHaveLength(1);
});

test("the groups named value and text may come from separate matches", () => {
  const given = options('{foo="a",bar="1"}', '{bar="2"}', "{}");
  expect(filterOptions(given, '/foo="(?<text>[^"]+)|bar="(?<value>[^"]+)/g')).toEqual({
    options: [option("a", "1"), option("2", "2")],
  });
});

test("an expression can be applied to the texts of options", () => {
  const given = [option("web server", "1"), option("database", "2")];
  const query = variable("host", { regex: "/web/", source: { regexApplyTo: "text" } });
  expect(offeredBy(query, [given, "/web/"])).toEqual({ options: [given[0]] });
});

test("options beyond the limit are left out and reported", () => {
  const given = options(...Array.from({ length: 10_001 }, (_, i) => `v${i}`));
  const { options: kept, error } = filterOptions(given, "");
  expect([kept.length, error]).toEqual([10_000, "There are more than 10000 options; the others are left out."]);
  expect(filterOptions(given.slice(1), "").error).toBeUndefined();
});

test("an expression that is stopped is reported", () => {
  const given = options(...Array.from({ length: 20 }, (_, i) => `${"a".repeat(2000 + i)}!`));
  expect(filterOptions(given, "/^(a+)+$/")).toEqual({
    options: [],
    error: 'The variable\'s expression: matching "^(a+)+$" takes too many steps and was stopped.',
  });
});

test("a custom variable can list its options as JSON", () => {
  const query = '[{"text":"Web, all","value":"web","team":"a"},{"value":2}]';
  const custom = variable("x", { type: "custom", source: { valuesFormat: "json" } });
  expect(offeredBy(custom, [query]).options).toEqual([
    { text: "Web, all", value: "web", properties: { text: "Web, all", value: "web", team: "a" } },
    { text: "2", value: "2", properties: { value: 2 } },
  ]);
  const error = "Query must be a JSON array of objects";
  for (const text of ["a,b", "{}", "[1]", "null"]) expect(jsonOptions(text)).toEqual({ options: [], error });
  expect(jsonOptions("")).toEqual({ options: [] });
});

test.each([
  ["before", ["s", "b", "a"]],
  ["after", ["b", "a", "s"]],
  ["sorted", ["a", "b", "s"]],
])("static options of a query are placed %s", (staticOptionsOrder, expected) => {
  const staticOptions = [{ text: "s", value: "s" }];
  const query = variable("x", { sort: 1, source: { staticOptions, staticOptionsOrder } });
  expect(withStaticOptions(options("b", "s", "a"), query).map(({ value }) => value)).toEqual(expected);
});
