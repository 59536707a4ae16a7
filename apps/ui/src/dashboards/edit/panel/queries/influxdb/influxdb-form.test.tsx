import { expect, test } from "vitest";
import InfluxdbForm from "./InfluxdbForm.tsx";
import { FormRig } from "../testing/form-rig.tsx";

const rig = new FormRig(InfluxdbForm);

test("the form shows the properties of a query, and values of a wrong type as absent", async () => {
  await rig.draw({ query: "SELECT 1", rawQuery: true, alias: "$m", measurement: "cpu" });
  expect(["Query", "Alias"].map((label) => rig.field(label).value)).toEqual(["SELECT 1", "$m"]);
  await rig.draw({ query: 5, alias: [], resultFormat: {}, measurement: 7 });
  expect(["Query", "Alias"].map((label) => rig.field(label).value)).toEqual(["", ""]);
});

test("the form names the measurement of a query of the query builder, and shows none of its old text", async () => {
  await rig.draw({ query: "SELECT 1", measurement: "cpu" });
  expect(rig.field("Query").value).toBe("");
  expect(document.body.textContent).toContain("from the measurement cpu");
});

test("a choice changes the format", async () => {
  await rig.draw({ query: "SELECT 1", rawQuery: true });
  rig.page
    .all("label")
    .find(({ textContent }) => textContent === "Table")!
    .click();
  await rig.page.until(() => expect(rig.edits).toEqual([{ path: ["resultFormat"], value: "table" }]));
});
