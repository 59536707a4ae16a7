import { type AdHocFilter, readSource, sourceFilters, type VariableState } from "@narthex/dashboards";
import { expect, test } from "vitest";
import { testSource } from "../testing/test-source.ts";

const filter: AdHocFilter = { key: "job", operator: "=", value: "api" };
const sources = [testSource({ uid: "main", name: "Main", isDefault: true })];

test("the filters of a variable are added to the queries of its source, unless queries apply it manually", () => {
  const filtersOf = (more: object) => {
    const [variable] = readSource({
      schemaVersion: 41,
      templating: { list: [{ name: "f", type: "adhoc", datasource: { uid: "main" }, filters: [filter], ...more }] },
    }).dashboard.variables;
    const state = { variable: variable!, options: [], current: [] } as unknown as VariableState;
    return sourceFilters(new Map([["f", state]]), sources, () => undefined).get("main");
  };
  expect(filtersOf({})).toEqual([filter]);
  expect(filtersOf({ applyMode: "auto" })).toEqual([filter]);
  expect(filtersOf({ applyMode: "manual" })).toBeUndefined();
});
