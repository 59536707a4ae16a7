import { type Edit, type JsonObject } from "@narthex/dashboards";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DrawnPage } from "../../../../../testing/drawn-page.tsx";
import ClickhouseForm from "./ClickhouseForm.tsx";

let page: DrawnPage;
const edits: Edit[] = [];
beforeEach(() => {
  page = new DrawnPage();
  edits.length = 0;
});
afterEach(() => page.close());

const draw = (query: JsonObject): Promise<void> =>
  page.draw(
    <ClickhouseForm
      refId="A"
      query={query}
      source={undefined}
      others={[]}
      onEdit={(given) => {
        for (const edit of given) edits.push(edit);
      }}
    />,
  );

const format = (): HTMLSelectElement => page.all<HTMLSelectElement>("select")[0]!;

test.each([
  [{ rawSql: "SELECT 1", format: 1 }, "table"],
  [{ format: 2, queryType: "table" }, "logs"],
  [{ queryType: "traces" }, "traces"],
  [{}, "timeseries"],
  [{ format: 99 }, "timeseries"],
])("the query %j is shown with the format %s", async (query, name) => {
  await draw(query);
  expect(format().value).toBe(name);
});

test("a format is stored as its number and its name", async () => {
  await draw({ rawSql: "SELECT 1", format: 0 });
  format().value = "logs";
  format().dispatchEvent(new Event("change", { bubbles: true }));
  await page.until(() =>
    expect(edits).toEqual([
      { path: ["format"], value: 2 },
      { path: ["queryType"], value: "logs" },
    ]),
  );
});
