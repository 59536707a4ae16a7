import { patchDashboard } from "@narthex/dashboards";
import { expect, test } from "vitest";
import { changedKind } from "./variable-kinds.ts";

test("a change of a variable's kind keeps name and label, and removes properties that the new kind does not have", () => {
  const query = { name: "a", type: "query", label: "A", query: { query: "label_values(job)" }, regex: "x", refresh: 1 };
  const edits = changedKind(query, "constant").map(([path, value]) => ({ path, value }));
  expect(patchDashboard(query, edits)).toEqual({ name: "a", type: "constant", label: "A", query: "" });
  const back = changedKind({ name: "a", type: "constant", query: "1" }, "interval");
  expect(back).toContainEqual([["query"], expect.stringContaining("1m,")]);
});
