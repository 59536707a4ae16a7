import type { Frame } from "@narthex/dashboards";
import { expect, test } from "vitest";
import ExpressionForm from "./ExpressionForm.tsx";
import { FormRig } from "../testing/form-rig.tsx";
import { sqlTables } from "./sql-tables.ts";

const rig = new FormRig(ExpressionForm);

test("a SQL expression has an editor and a format, and no input", async () => {
  await rig.draw({ type: "sql", expression: "SELECT * FROM A" });
  await rig.page.until(() =>
    expect(rig.page.all(".cm-content").map(({ textContent }) => textContent)).toEqual(["SELECT * FROM A"]),
  );
  expect(rig.page.all("label").map(({ textContent }) => textContent)).not.toContain("Input");
  rig.page
    .all("label")
    .find(({ textContent }) => textContent === "Numbers")!
    .click();
  await rig.page.until(() => expect(rig.edits).toEqual([{ path: ["format"], value: "alerting" }]));
});

const condition = {
  type: "query",
  query: { params: ["A"] },
  reducer: { type: "avg", params: [] },
  evaluator: { type: "gt", params: [5] },
  operator: { type: "or" },
};

/** Chooses an entry of a list, as a user does. */
function choose(list: HTMLSelectElement, value: string): void {
  list.value = value;
  list.dispatchEvent(new Event("change", { bubbles: true }));
}

test("each classic condition has fields, and a change keeps the other parts of its JSON", async () => {
  await rig.draw({ type: "classic_conditions", conditions: [condition, { ...condition, unknown: 1 }] });
  expect(rig.page.all("[role=group][aria-label^=Condition]").map((one) => one.getAttribute("aria-label"))).toEqual([
    "Condition 1",
    "Condition 2",
  ]);
  const select = (label: string): HTMLSelectElement =>
    rig.page.all<HTMLSelectElement>("select").find((one) => one.getAttribute("aria-label") === label)!;
  expect(select("Function of condition 1").value).toBe("avg");
  choose(select("Comparison of condition 2"), "within_range");
  expect(rig.edits).toEqual([
    {
      path: ["conditions"],
      value: [condition, { ...condition, unknown: 1, evaluator: { type: "within_range", params: [5, 0] } }],
    },
  ]);
});

test("classic conditions are added and removed", async () => {
  await rig.draw({ type: "classic_conditions", conditions: [condition] });
  const press = (name: string): void =>
    rig.page
      .all("button")
      .find((one) => (one.getAttribute("aria-label") ?? one.textContent?.trim()) === name)!
      .click();
  press("Add condition");
  const added = { query: { params: [] }, reducer: { type: "last" }, evaluator: { type: "gt", params: [0] } };
  expect(rig.edits.at(-1)).toMatchObject({ path: ["conditions"], value: [condition, added] });
  press("Remove condition 1");
  expect(rig.edits.at(-1)).toEqual({ path: ["conditions"], value: [] });
});

test("the editor completes the columns that the rows of a query have", () => {
  const field = (name: string, labels?: Record<string, string>) =>
    ({ name, type: "number", values: Float64Array.of(1), config: {}, ...(labels && { labels }) }) as const;
  const answered: readonly Frame[] = [
    { refId: "A", length: 1, meta: { type: "timeseries-multi" }, fields: [field("Value", { job: "a" })] },
    { refId: "A", length: 1, meta: { type: "timeseries-multi" }, fields: [field("Value", { host: "b" })] },
    { refId: "B", length: 1, fields: [field("id"), field("price")] },
    { refId: "N", length: 1, meta: { type: "numeric-multi" }, fields: [field("Value", { job: "a" })] },
  ];
  expect(sqlTables(["A", "B", "N", "Z"], answered)).toEqual({
    A: ["time", "__value__", "__metric_name__", "host", "job"],
    B: ["id", "price"],
    N: ["__metric_name__", "__value__", "job"],
    Z: [],
  });
});
