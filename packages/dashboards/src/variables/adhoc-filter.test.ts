import fc from "fast-check";
import { expect, test } from "vitest";
import type { Variable } from "../model/dashboard.ts";
import { adhocFilters, adhocOption, readAdhocFilter } from "./adhoc-filter.ts";

const variableOf = (filters: unknown): Variable => ({ source: { filters } }) as unknown as Variable;

test("a filter comes back from its choice, whatever signs it holds", () => {
  const text = fc.string().filter((value) => !value.includes("__gf"));
  const filled = text.filter((value) => value !== "");
  fc.assert(
    fc.property(filled, filled, text, (key, operator, value) => {
      expect(readAdhocFilter(adhocOption({ key, operator, value }).value)).toEqual({ key, operator, value });
    }),
  );
  expect(adhocOption({ key: "job", operator: "=~", value: "a|b" }).value).toBe("job|=~|a__gfp__b");
});

test("what is no filter is none", () => {
  expect(readAdhocFilter("")).toBeUndefined();
  expect(readAdhocFilter("job|=")).toBeUndefined();
  expect(readAdhocFilter("|=|x")).toBeUndefined();
  expect(readAdhocFilter("job,Job|=|api,The API")).toEqual({ key: "job", operator: "=", value: "api" });
});

test("saved filters hold until others are chosen, or none", () => {
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
