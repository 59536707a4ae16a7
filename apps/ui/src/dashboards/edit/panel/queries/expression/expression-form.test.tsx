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

test("classic conditions of an old dashboard are shown as such, without fields that would change them", async () => {
  await rig.draw({ type: "classic_conditions", conditions: [] });
  expect(rig.page.all("p").map(({ textContent }) => textContent)).toContain(
    "The JSON of the panel contains the conditions.",
  );
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
