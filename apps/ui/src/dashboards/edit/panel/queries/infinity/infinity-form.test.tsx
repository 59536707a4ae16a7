import { type Edit, type JsonObject } from "@narthex/dashboards";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DrawnPage } from "../../../../../testing/drawn-page.tsx";
import InfinityForm from "./InfinityForm.tsx";

let page: DrawnPage;
const edits: Edit[] = [];
beforeEach(() => {
  page = new DrawnPage();
  edits.length = 0;
});
afterEach(() => page.close());

const draw = (query: JsonObject): Promise<void> =>
  page.draw(
    <InfinityForm
      refId="A"
      query={query}
      source={undefined}
      others={[]}
      onEdit={(given) => {
        for (const edit of given) edits.push(edit);
      }}
    />,
  );

const labels = (): (string | null)[] =>
  page.all<HTMLInputElement>("input, textarea").map((one) => one.getAttribute("aria-label"));
const field = (label: string): HTMLInputElement =>
  page.all<HTMLInputElement>("input, textarea").find((one) => one.getAttribute("aria-label") === label)!;

test("the form shows the request, the rows and the columns of a query", async () => {
  await draw({
    url: "/items",
    root_selector: "data",
    columns: [{ selector: "a", text: "A", type: "number" }],
    url_options: { method: "POST", data: "{}", params: [{ key: "q", value: "1" }] },
  });
  const shown = ["URL", "Rows", "Selector of column 1", "Name of column 1", "Name of parameter 1", "Body"];
  expect(shown.map((label) => field(label).value)).toEqual(["/items", "data", "a", "A", "q", "{}"]);
});

test("values of a wrong type are shown as absent", async () => {
  await draw({ url: 5, columns: "x", url_options: [], root_selector: {} });
  expect(["URL", "Rows"].map((label) => field(label).value)).toEqual(["", ""]);
  expect(labels()).not.toContain("Selector of column 1");
});

test("a document within the query has no request, and CSV has no selector of rows", async () => {
  await draw({ source: "inline", type: "csv", data: "a,b" });
  expect(field("Document text").value).toBe("a,b");
  for (const absent of ["URL", "Rows"]) expect(labels()).not.toContain(absent);
});

test("columns and parameters are added", async () => {
  await draw({ url: "/items" });
  for (const name of ["Add column", "Add parameter"])
    page
      .all("button")
      .find(({ textContent }) => textContent?.trim() === name)!
      .click();
  await page.until(() =>
    expect(edits).toEqual([
      { path: ["columns"], value: [{ selector: "", text: "", type: "string" }] },
      { path: ["url_options", "params"], value: [{ key: "", value: "" }] },
    ]),
  );
});
