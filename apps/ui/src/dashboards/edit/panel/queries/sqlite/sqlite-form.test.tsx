import { type Edit, type JsonObject } from "@narthex/dashboards";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DrawnPage } from "../../../../../testing/drawn-page.tsx";
import SqliteForm from "./SqliteForm.tsx";

let page: DrawnPage;
const edits: Edit[] = [];
beforeEach(() => {
  page = new DrawnPage();
  edits.length = 0;
});
afterEach(() => page.close());

const draw = (query: JsonObject): Promise<void> =>
  page.draw(
    <SqliteForm
      refId="A"
      query={query}
      source={undefined}
      others={[]}
      onEdit={(given) => {
        for (const edit of given) edits.push(edit);
      }}
    />,
  );

const timeColumns = (): readonly string[] =>
  page
    .all<HTMLInputElement>("input")
    .filter((one) => one.getAttribute("aria-label")?.startsWith("Time column") === true)
    .map(({ value }) => value);

test("the form shows the properties of a query, and values of a wrong type as absent", async () => {
  await draw({ rawQueryText: "SELECT 1", timeColumns: ["time", "ts"] });
  expect(page.all(".cm-content").map(({ textContent }) => textContent)).toEqual(["SELECT 1"]);
  expect(timeColumns()).toEqual(["time", "ts"]);
  await draw({ rawQueryText: 5, queryText: "SELECT 2", timeColumns: "time", queryType: [] });
  expect(page.all(".cm-content").map(({ textContent }) => textContent)).toEqual(["SELECT 2"]);
  expect(timeColumns()).toEqual([]);
});

test("a choice of the format is stored under the plugin's name", async () => {
  await draw({ rawQueryText: "SELECT 1", queryType: "table" });
  page
    .all("label")
    .find(({ textContent }) => textContent === "Time series")!
    .click();
  await page.until(() => expect(edits).toEqual([{ path: ["queryType"], value: "time series" }]));
});
