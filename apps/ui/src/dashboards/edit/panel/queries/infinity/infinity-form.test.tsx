import { expect, test } from "vitest";
import InfinityForm from "./InfinityForm.tsx";
import { FormRig } from "../testing/form-rig.tsx";

const rig = new FormRig(InfinityForm);

const labels = (): (string | null)[] =>
  rig.page.all<HTMLInputElement>("input, textarea").map((one) => one.getAttribute("aria-label"));
test("the form shows the request, the rows and the columns of a query", async () => {
  await rig.draw({
    url: "/items",
    root_selector: "data",
    columns: [{ selector: "a", text: "A", type: "number" }],
    url_options: { method: "POST", data: "{}", params: [{ key: "q", value: "1" }] },
  });
  const shown = ["URL", "Rows", "Selector of column 1", "Name of column 1", "Name of parameter 1", "Body"];
  expect(shown.map((label) => rig.field(label).value)).toEqual(["/items", "data", "a", "A", "q", "{}"]);
});

test("values of a wrong type are shown as absent", async () => {
  await rig.draw({ url: 5, columns: "x", url_options: [], root_selector: {} });
  expect(["URL", "Rows"].map((label) => rig.field(label).value)).toEqual(["", ""]);
  expect(labels()).not.toContain("Selector of column 1");
});

test("a document within the query has no request, and CSV has no selector of rows", async () => {
  await rig.draw({ source: "inline", type: "csv", data: "a,b" });
  expect(rig.field("Document text").value).toBe("a,b");
  for (const absent of ["URL", "Rows"]) expect(labels()).not.toContain(absent);
});

test("columns and parameters are added", async () => {
  await rig.draw({ url: "/items" });
  for (const name of ["Add column", "Add parameter"])
    rig.page
      .all("button")
      .find(({ textContent }) => textContent?.trim() === name)!
      .click();
  await rig.page.until(() =>
    expect(rig.edits).toEqual([
      { path: ["columns"], value: [{ selector: "", text: "", type: "string" }] },
      { path: ["url_options", "params"], value: [{ key: "", value: "" }] },
    ]),
  );
});

test.each([
  [{ type: "graphql", url_options: { data: "{ a }" } }, "GraphQL query", "{ a }", "body_graphql_query"],
  [
    { type: "graphql", url_options: { body_graphql_query: "{ b }", data: "x" } },
    "GraphQL query",
    "{ b }",
    "body_graphql_query",
  ],
  [{ url_options: { method: "POST", data: "text" } }, "Body", "text", "data"],
])("the body of the query %j is shown and stored where the source reads it", async (query, label, shown, key) => {
  await rig.draw(query);
  const body = rig.field(label);
  expect(body.value).toBe(shown);
  await rig.page.type(body, "changed");
  body.dispatchEvent(new FocusEvent("focusout", { bubbles: true }));
  await rig.page.until(() => expect(rig.edits).toEqual([{ path: ["url_options", key], value: "changed" }]));
});

test("a form as the body is shown as pairs", async () => {
  const body_form = [{ key: "a", value: "1" }];
  await rig.draw({ url_options: { method: "POST", body_type: "x-www-form-urlencoded", body_form, data: "unused" } });
  expect(rig.field("Name of form field 1").value).toBe("a");
  expect(labels()).not.toContain("Body");
});

test("the choice of GraphQL also chooses the method POST", async () => {
  await rig.draw({ url: "/graphql", url_options: { method: "GET" } });
  const type = rig.page.all<HTMLSelectElement>("select").find((one) => one.getAttribute("aria-label") === "Document")!;
  await rig.page.type(type, "graphql");
  await rig.page.until(() =>
    expect(rig.edits).toEqual([
      { path: ["type"], value: "graphql" },
      { path: ["url_options", "method"], value: "POST" },
    ]),
  );
});
