import { readSource } from "@narthex/dashboards";
import { expect, test } from "vitest";
import { queryVariables } from "./query-variables.ts";

const { variables } = readSource({
  schemaVersion: 41,
  templating: {
    list: [
      { name: "instance", type: "query", label: "Host", description: "Hosts with an exporter." },
      { name: "window", type: "interval", query: "1m,5m" },
      { name: "filters", type: "adhoc" },
    ],
  },
}).dashboard;

test("the variables of a dashboard come first, with their texts, and filters are left out", () => {
  const found = queryVariables(variables);
  expect(found.slice(0, 2)).toEqual([
    { name: "instance", info: "Host: Hosts with an exporter.", isDuration: false },
    { name: "window", info: "A variable of this dashboard.", isDuration: true },
  ]);
  const names = found.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(["__rate_interval", "__interval", "__range", "__from", "__dashboard"]));
  expect(names).not.toContain("filters");
});
