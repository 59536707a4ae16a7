import { type Edit, type JsonObject } from "@narthex/dashboards";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DrawnPage } from "../../../../../testing/drawn-page.tsx";
import InfluxdbForm from "./InfluxdbForm.tsx";

let page: DrawnPage;
const edits: Edit[] = [];
beforeEach(() => {
  page = new DrawnPage();
  edits.length = 0;
});
afterEach(() => page.close());

const draw = (query: JsonObject): Promise<void> =>
  page.draw(
    <InfluxdbForm
      refId="A"
      query={query}
      source={undefined}
      others={[]}
      onEdit={(given) => {
        for (const edit of given) edits.push(edit);
      }}
    />,
  );

const field = (label: string): HTMLInputElement =>
  page.all<HTMLInputElement>("input, textarea").find((one) => one.getAttribute("aria-label") === label)!;

test("the form shows the properties of a query, and values of a wrong type as absent", async () => {
  await draw({ query: "SELECT 1", rawQuery: true, alias: "$m", measurement: "cpu" });
  expect(["Query", "Alias"].map((label) => field(label).value)).toEqual(["SELECT 1", "$m"]);
  await draw({ query: 5, alias: [], resultFormat: {}, measurement: 7 });
  expect(["Query", "Alias"].map((label) => field(label).value)).toEqual(["", ""]);
});

test("the form names the measurement of a query of the query builder, and shows none of its old text", async () => {
  await draw({ query: "SELECT 1", measurement: "cpu" });
  expect(field("Query").value).toBe("");
  expect(document.body.textContent).toContain("from the measurement cpu");
});

test("a choice changes the format", async () => {
  await draw({ query: "SELECT 1", rawQuery: true });
  page
    .all("label")
    .find(({ textContent }) => textContent === "Table")!
    .click();
  await page.until(() => expect(edits).toEqual([{ path: ["resultFormat"], value: "table" }]));
});
