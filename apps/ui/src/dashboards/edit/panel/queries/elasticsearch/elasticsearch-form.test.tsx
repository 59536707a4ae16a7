import { expect, test } from "vitest";
import ElasticsearchForm from "./ElasticsearchForm.tsx";
import { freeId } from "./part-kinds.ts";
import { FormRig } from "../testing/form-rig.tsx";

const rig = new FormRig(ElasticsearchForm);

const groups = (): readonly string[] =>
  rig.page.all('[role="group"][aria-label]').map((one) => one.getAttribute("aria-label")!);
const press = (name: string): void =>
  rig.page
    .all("button")
    .find((one) => one.textContent.trim() === name || one.getAttribute("aria-label") === name)!
    .click();

const QUERY = {
  query: "a:b",
  metrics: [
    { id: "1", type: "avg", field: "took" },
    { id: "4", type: "derivative", field: "1" },
  ],
  bucketAggs: [{ id: "2", type: "date_histogram", settings: { interval: "auto" } }],
};

test("the form shows the metrics and groups of a query, and adds and removes them", async () => {
  await rig.draw(QUERY);
  expect(groups()).toEqual(["Metrics", "Metric 1", "Metric 2", "Groups", "Group 1"]);
  press("Add metric");
  press("Remove metric 1");
  press("Add group");
  expect(rig.edits).toEqual([
    { path: ["metrics"], value: [...QUERY.metrics, { id: "5", type: "count" }] },
    { path: ["metrics"], value: [QUERY.metrics[1]] },
    { path: ["bucketAggs"], value: [QUERY.bucketAggs[0], expect.objectContaining({ id: "5", type: "terms" })] },
  ]);
});

test("a change of a part is a change at its position in the list", async () => {
  await rig.draw(QUERY);
  const type = rig.page
    .all<HTMLSelectElement>("select")
    .find((one) => one.getAttribute("aria-label") === "Type of metric 2")!;
  type.value = "cumulative_sum";
  type.dispatchEvent(new Event("change", { bubbles: true }));
  await rig.page.until(() =>
    expect(rig.edits).toEqual([
      { path: ["metrics", 1, "type"], value: "cumulative_sum" },
      { path: ["metrics", 1, "settings"], value: undefined },
    ]),
  );
});

test("a query for documents has no groups, and values of a wrong type are left out", async () => {
  await rig.draw({ metrics: [{ id: "1", type: "logs" }], bucketAggs: [{ id: "2", type: "terms" }] });
  expect(groups()).toEqual(["Metrics", "Metric 1"]);
  await rig.draw({ query: 5, metrics: "x", bucketAggs: [1, null, { type: "unknown" }] });
  expect(groups()).toEqual(["Metrics", "Groups", "Group 1"]);
});

test("an id is free if no part has it", () => {
  expect(freeId([])).toBe("1");
  expect(freeId([{ id: "3" }, { id: "x" }, {}])).toBe("4");
});
