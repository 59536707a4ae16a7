import fc from "fast-check";
import { expect, test } from "vitest";
import type { Variable, VariableOption } from "../model/dashboard.ts";
import { readSource } from "../model/read-dashboard.ts";
import { interpolate } from "./variable-syntax.ts";
import { bindVariable } from "./variable-selection.ts";
import { adHocFilters, adHocOption, readAdHocFilter } from "./ad-hoc-filter.ts";

const variableOf = (filters: unknown): Variable => ({ source: { filters } }) as unknown as Variable;

test("readAdHocFilter() reads back every filter that adHocOption() has written, whatever characters it contains", () => {
  const text = fc.string().filter((value) => !value.includes("__gf"));
  const filled = text.filter((value) => value !== "");
  fc.assert(
    fc.property(filled, filled, text, (key, operator, value) => {
      expect(readAdHocFilter(adHocOption({ key, operator, value }).value)).toEqual({ key, operator, value });
    }),
  );
  expect(adHocOption({ key: "job", operator: "=~", value: "a|b" }).value).toBe("job|=~|a__gfp__b");
});

test("an invalid filter is not read", () => {
  expect(readAdHocFilter("")).toBeUndefined();
  expect(readAdHocFilter("job|=")).toBeUndefined();
  expect(readAdHocFilter("|=|x")).toBeUndefined();
  expect(readAdHocFilter("job,Job|=|api,The API")).toEqual({ key: "job", operator: "=", value: "api" });
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
  expect(adHocFilters({ variable, current: [] })).toEqual([saved[0], { key: "a", operator: "=", value: "" }]);
  const chosen = { key: "env", operator: "!=", value: "dev" };
  expect(adHocFilters({ variable, current: [adHocOption(chosen)] })).toEqual([chosen]);
  expect(adHocFilters({ variable, current: [{ text: "", value: "" }] })).toEqual([]);
  expect(adHocFilters({ variable: variableOf("x"), current: [] })).toEqual([]);
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
  const code = adHocOption({ key: "code", operator: "=~", value: "5..|4.." });
  expect(filled(code, adHocOption({ key: "x", operator: "!=|", value: "a" }))).toBe('up{code=~"5..|4..",x!~"a"}');
  expect(filled({ text: "", value: "" })).toBe("up{}");
});
