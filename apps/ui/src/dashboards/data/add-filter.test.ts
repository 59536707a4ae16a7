import type { Panel, SourceListing, VariableOption, VariableState } from "@narthex/dashboards";
import { expect, test } from "vitest";
import { filterAdder } from "./add-filter.ts";

const sources = [
  { uid: "logs", name: "Loki", kind: { types: ["loki"] } },
  { uid: "metrics", name: "Prometheus", kind: { types: ["prometheus"] } },
] as unknown as readonly SourceListing[];

const panel = { datasource: { uid: "logs" }, targets: [{ refId: "A" }] } as unknown as Panel;

const adhoc = (uid: string, current: readonly VariableOption[] = [], source = {}): VariableState =>
  ({ variable: { name: "filters", type: "adhoc", datasource: { uid }, source }, current }) as unknown as VariableState;

function chosenBy(state: VariableState): readonly (readonly [string, readonly string[]])[] | undefined {
  const chosen: (readonly [string, readonly string[]])[] = [];
  const add = filterAdder(panel, {
    states: new Map([["filters", state]]),
    sources,
    lookup: () => undefined,
    choose: (name, options) => chosen.push([name, options.map(({ value }) => value)]),
  });
  add?.("job", "a|b");
  return add === undefined ? undefined : chosen;
}

test("a filter is added to the ad hoc variable of the panel's source, and only once", () => {
  const existing = { text: "", value: "env|=|prod" };
  expect(chosenBy(adhoc("logs", [existing]))).toEqual([["filters", ["env|=|prod", "job|=|a__gfp__b"]]]);
  expect(chosenBy(adhoc("logs", [{ text: "", value: "job|=|a__gfp__b" }, existing]))).toEqual([
    ["filters", ["env|=|prod", "job|=|a__gfp__b"]],
  ]);
});

test("without an ad hoc variable for the panel's source there is no function", () => {
  expect(chosenBy(adhoc("metrics"))).toBeUndefined();
  expect(chosenBy(adhoc("logs", [], { applyMode: "manual" }))).toBeUndefined();
});
