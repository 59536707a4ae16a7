import { expect, test } from "vitest";
import SqliteForm from "./SqliteForm.tsx";
import { FormRig } from "../testing/form-rig.tsx";

const rig = new FormRig(SqliteForm);

const timeColumns = (): readonly string[] =>
  rig.page
    .all<HTMLInputElement>("input")
    .filter((one) => one.getAttribute("aria-label")?.startsWith("Time column") === true)
    .map(({ value }) => value);

test("the form shows the properties of a query, and values of a wrong type as absent", async () => {
  await rig.draw({ rawQueryText: "SELECT 1", timeColumns: ["time", "ts"] });
  expect(rig.page.all(".cm-content").map(({ textContent }) => textContent)).toEqual(["SELECT 1"]);
  expect(timeColumns()).toEqual(["time", "ts"]);
  await rig.draw({ rawQueryText: 5, queryText: "SELECT 2", timeColumns: "time", queryType: [] });
  expect(rig.page.all(".cm-content").map(({ textContent }) => textContent)).toEqual(["SELECT 2"]);
  expect(timeColumns()).toEqual([]);
});

test("a choice of the format is stored under the plugin's name", async () => {
  await rig.draw({ rawQueryText: "SELECT 1", queryType: "table" });
  rig.page
    .all("label")
    .find(({ textContent }) => textContent === "Time series")!
    .click();
  await rig.page.until(() => expect(rig.edits).toEqual([{ path: ["queryType"], value: "time series" }]));
});
