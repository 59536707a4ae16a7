import { expect, test } from "vitest";
import { filledOptionsQuery, filledQuery, loadQueryExtras } from "../sources/filled-query.ts";
import { withConditions } from "./conditional-all.ts";
import type { Lookup } from "./variable-syntax.ts";

await loadQueryExtras();

const lookup: Lookup = (name) => {
  const common = { name, isMulti: true, isVerbatim: false };
  if (name === "all") return { ...common, values: ["a", "b"], texts: ["All"], addressValues: ["$__all"] };
  if (name === "none") return { ...common, values: [""], texts: [""] };
  return name === "host" ? { ...common, values: ["it's"], texts: ["it's"] } : undefined;
};

test.each([
  ["$__conditionalAll(host IN ($host), $host)", "host IN ($host)"],
  ["a $__conditionalAll(host IN ($all), $all) b", "a 1=1 b"],
  ["$__conditionalAll(host IN ($all), ${all:csv})", "1=1"],
  ["$__conditionalAll(x = '$none', $none)", "1=1"],
  ["$__conditionalAll(f(a, ')') = 1, $host)", "f(a, ')') = 1"],
  ["$__conditionalAll($__conditionalAll(x, $all) AND y, $host)", "1=1 AND y"],
  ["$__conditionalAll(x, $unknown)", "x"],
  ["$__conditionalAll(x)", "$__conditionalAll(x)"],
  ["$__conditionalAll(x, $host", "$__conditionalAll(x, $host"],
  ["SELECT 1", "SELECT 1"],
])("the condition in %j", (sql, expected) => {
  expect(withConditions(sql, lookup)).toBe(expected);
});

test("conditions are replaced before the values of variables are written, so that no value can be a condition", () => {
  const kind = {
    language: { valueFormat: "mysql", fields: ["rawSql"], hasConditions: true, hasExtras: true },
  } as const;
  const rawSql = "$__conditionalAll(host IN ($host), $host) AND $__conditionalAll(host IN ($all), $all)";
  expect(filledQuery({ rawSql, note: "$__conditionalAll(x, $all)" }, kind, lookup)).toEqual({
    rawSql: "host IN ('it''s') AND 1=1",
    note: "$__conditionalAll(x, {a,b})",
  });
  for (const query of [rawSql, { rawSql, n: 1 }])
    expect(JSON.stringify(filledOptionsQuery(query, kind, lookup))).toContain("host IN ('it''s') AND 1=1");
  const plain = { language: { valueFormat: "sql", fields: ["rawSql"] } } as const;
  expect(filledQuery({ rawSql: "$__conditionalAll(x, $host)" }, plain, lookup)).toEqual({
    rawSql: "$__conditionalAll(x, 'it''s')",
  });
});
