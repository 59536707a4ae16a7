import fc from "fast-check";
import { expect, test } from "vitest";
import type { Variable, VariableOption } from "../model/dashboard.ts";
import { readSource } from "../model/read-dashboard.ts";
import { interpolate } from "./variable-syntax.ts";
import { bindVariable } from "./variable-selection.ts";
import { adhocFilters, adhocOption, readAdhocFilter } from "./adhoc-filter.ts";

const variableOf = (filters: unknown): Variable => ({ source: { filters } }) as unknown as Variable;

test("readAdhocFilter() reads back every filter that adhocOption() has written, whatever characters it contains", () => {
  const text = fc.string().filter((value) => !value.includes("__gf"));
  const filled = text.filter((value) => value !== "");
  fc.assert(
    fc.property(filled, filled, text, (key, operator, value) => {
      expect(readAdhocFilter(adhocOption({ key, operator, value }).value)).toEqual({ key, operator, value });
    }),
  );
  expect(adhocOption({ key: "job", operator: "=~", value: "a|b" }).value).toBe("job|=~|a__gfp__b");
});

test("an invalid filter is not read", () => {
  expect(readAdhocFilter("")).toBeUndefined();
  expect(readAdhocFilter("job|=")).toBeUndefined();
  expect(readAdhocFilter("|=|x")).toBeUndefined();
  expect(readAdhocFilter("job,Job|=|api,The API")).toEqual({ key: "job", operator: "=", value: "api" });
});

test("saved filters apply until the user chooses other filters or removes all", () => {
  const saved = [
    { key: "job", operator: "=", value: "api" },
    { key: 3 },
    null,
    "x",
    { key: "a", operator: "=", value: {} },
  ];
  const variable = variableOf(saved);
  expect(adhocFilters({ variable, current: [] })).toEqual([saved[0], { key: "a", operator: "=", value: "" }]);
  const chosen = { key: "env", operator: "!=", value: "dev" };
  expect(adhocFilters({ variable, current: [adhocOption(chosen)] })).toEqual([chosen]);
  expect(adhocFilters({ variable, current: [{ text: "", value: "" }] })).toEqual([]);
  expect(adhocFilters({ variable: variableOf("x"), current: [] })).toEqual([]);
});

test("filters of a variable that is applied manually are inserted only where a query names the variable", () => {
  const saved = [{ key: "job", operator: "=", value: 'a"b\\' }];
  const [variable] = readSource({
    schemaVersion: 41,
    templating: { list: [{ name: "filters", type: "adhoc", applyMode: "manual", filters: saved }] },
  }).dashboard.variables;
  const filled = (...current: readonly VariableOption[]): string => {
    const bound = bindVariable({ variable: variable!, options: [], current });
    return interpolate("up{$filters}", (name) => (name === "filters" ? bound : undefined), "regex");
  };
  expect(filled()).toBe(String.raw`up{job="a\"b\\"}`);
  const code = adhocOption({ key: "code", operator: "=~", value: "5..|4.." });
  expect(filled(code, adhocOption({ key: "x", operator: "!=|", value: "a" }))).toBe('up{code=~"5..|4..",x!~"a"}');
  expect(filled({ text: "", value: "" })).toBe("up{}");
});
