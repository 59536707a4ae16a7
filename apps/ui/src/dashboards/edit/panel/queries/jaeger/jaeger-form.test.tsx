import { expect, test } from "vitest";
import { FormRig } from "../testing/form-rig.tsx";
import JaegerForm from "./JaegerForm.tsx";

const rig = new FormRig(JaegerForm);

const choose = (name: string): void =>
  rig.page
    .all("label")
    .find(({ textContent }) => textContent === name)!
    .click();

test("the form shows a search, and values of a wrong type as absent", async () => {
  const labels = ["Service", "Operation", "Tags", "Minimum duration", "Maximum duration", "Traces"];
  const search = { service: "shop", operation: "GET /", tags: "error=true", minDuration: "1ms", maxDuration: "2s" };
  await rig.draw({ queryType: "search", ...search, limit: 9 });
  expect(labels.map((label) => rig.field(label).value)).toEqual(["shop", "GET /", "error=true", "1ms", "2s", "9"]);
  await rig.draw({ queryType: "search", service: 5, limit: {} });
  expect(labels.map((label) => rig.field(label).value)).toEqual(["", "", "", "", "", ""]);
});

test("a query without a type, or of another source, shows the id of a trace", async () => {
  await rig.draw({ query: "4bf9", queryType: "traceql" });
  expect(rig.field("Trace id").value).toBe("4bf9");
  choose("Services");
  await rig.draw({ queryType: "search" });
  choose("Trace");
  await rig.page.until(() =>
    expect(rig.edits).toEqual([
      { path: ["queryType"], value: "dependencyGraph" },
      { path: ["queryType"], value: undefined },
    ]),
  );
});
