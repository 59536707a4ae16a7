import { expect, test } from "vitest";
import { FormRig } from "../testing/form-rig.tsx";
import TempoForm from "./TempoForm.tsx";

const rig = new FormRig(TempoForm);

const press = (name: string): void =>
  rig.page
    .all("button, label")
    .find((one) => one.textContent.trim() === name || one.getAttribute("aria-label") === name)!
    .click();

test("the form shows a query in TraceQL with its options, and values of a wrong type as absent", async () => {
  await rig.draw({ queryType: "traceql", query: "{ status = error }", limit: 7, spss: 5, step: "1m" });
  expect(["TraceQL or trace id", "Traces", "Spans", "Step"].map((label) => rig.field(label).value)).toEqual([
    "{ status = error }",
    "7",
    "5",
    "1m",
  ]);
  await rig.draw({ query: 5, limit: "x", tableType: [] });
  expect(["TraceQL or trace id", "Traces"].map((label) => rig.field(label).value)).toEqual(["", ""]);
  press("Services");
  expect(rig.edits).toEqual([{ path: ["queryType"], value: "serviceMap" }]);
});

test("filters are shown, added and removed", async () => {
  const filters = [
    { id: "filter-1", scope: "resource", tag: "service.name", operator: "=", value: ["a", "b"] },
    { id: "x", tag: "duration", scope: "intrinsic", operator: ">", value: "1s" },
  ];
  await rig.draw({ queryType: "traceqlSearch", filters });
  expect(
    ["Attribute of filter 1", "Value of filter 1", "Value of filter 2"].map((one) => rig.field(one).value),
  ).toEqual(["service.name", "a|b", "1s"]);
  press("Add filter");
  press("Remove filter 1");
  expect(rig.edits).toEqual([
    { path: ["filters"], value: [...filters, { id: "filter-2", scope: "resource", tag: "", operator: "=" }] },
    { path: ["filters"], value: [filters[1]] },
  ]);
});

test("a service map has a selector and no options of a search", async () => {
  await rig.draw({ queryType: "serviceMap", serviceMapQuery: '{client="a"}' });
  expect(rig.field("Selector of services").value).toBe('{client="a"}');
  expect(rig.field("Traces")).toBeUndefined();
});
