import { expect, test } from "vitest";
import ClickhouseForm from "./ClickhouseForm.tsx";
import { FormRig } from "../testing/form-rig.tsx";

const rig = new FormRig(ClickhouseForm);

const format = (): HTMLSelectElement => rig.page.all<HTMLSelectElement>("select")[0]!;

test.each([
  [{ rawSql: "SELECT 1", format: 1 }, "table"],
  [{ format: 2, queryType: "table" }, "logs"],
  [{ queryType: "traces" }, "traces"],
  [{}, "timeseries"],
  [{ format: 99 }, "timeseries"],
])("the query %j is shown with the format %s", async (query, name) => {
  await rig.draw(query);
  expect(format().value).toBe(name);
});

test("a format is stored as its number and its name", async () => {
  await rig.draw({ rawSql: "SELECT 1", format: 0 });
  format().value = "logs";
  format().dispatchEvent(new Event("change", { bubbles: true }));
  await rig.page.until(() =>
    expect(rig.edits).toEqual([
      { path: ["format"], value: 2 },
      { path: ["queryType"], value: "logs" },
    ]),
  );
});
