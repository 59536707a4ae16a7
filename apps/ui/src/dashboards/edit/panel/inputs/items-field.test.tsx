import type { JsonObject } from "@narthex/dashboards";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DrawnPage } from "../../../../testing/drawn-page.tsx";
import { plotTheme } from "../../../../plot/plot-theme.ts";
import { DashboardContext } from "../../../data/dashboard-context.ts";
import { layersForm } from "../../../panels/geomap/layer-options.ts";
import { EditedPanel } from "../queries/testing/form-rig.tsx";
import ItemsField from "./ItemsField.tsx";

let page: DrawnPage;
let changes: (readonly JsonObject[])[];
beforeEach(() => {
  page = new DrawnPage();
  changes = [];
});
afterEach(() => page.close());

const draw = (value: unknown): Promise<void> =>
  page.draw(
    <DashboardContext value={{ theme: plotTheme("dark") } as never}>
      <EditedPanel>
        <ItemsField form={layersForm} value={value} onChange={(next) => changes.push(next)} />
      </EditedPanel>
    </DashboardContext>,
  );
const fields = (): readonly (string | null)[] =>
  page.all("fieldset [role=group][aria-label]").map((one) => one.getAttribute("aria-label"));
const list = (label: string): HTMLSelectElement => page.find<HTMLSelectElement>("select", label);

/** Chooses an entry of a list, as a user does. */
function choose(select: HTMLSelectElement, value: string): void {
  select.value = value;
  select.dispatchEvent(new Event("change", { bubbles: true }));
}

test("a map without layers shows the layer that it draws, and a change makes the list", async () => {
  await draw([]);
  expect(page.all("legend").map(({ textContent }) => textContent?.trim())).toEqual(["Layer 1"]);
  expect(fields()).toContain("Symbol");
  expect(fields()).not.toContain("Latitude field");
  choose(list("Location"), "coords");
  expect(changes).toEqual([[{ type: "markers", name: "", location: { mode: "coords" } }]]);
});

test("a change of a layer keeps the other layers, and the parts of its JSON without an input", async () => {
  const layers = [
    { type: "heatmap", config: { weight: { fixed: 1, field: "n" } }, filterData: { id: "byRefId", options: "A" } },
    { type: "route" },
  ];
  await draw(layers);
  expect(fields()).toContain("Blur");
  choose(list("Layer type"), "route");
  expect(changes.at(-1)).toEqual([{ ...layers[0], type: "route" }, layers[1]]);
  page.find("button", "Move Layer 1 down").click();
  expect(changes.at(-1)).toEqual([layers[1], layers[0]]);
  page.find("button", "Remove Layer 2").click();
  expect(changes.at(-1)).toEqual([layers[0]]);
  page.find("button", "Add layer").click();
  expect(changes.at(-1)).toEqual([...layers, layersForm.added]);
});

test("a layer of an unknown type keeps its type, and has no inputs of other types", async () => {
  await draw([{ type: "geojson", config: { src: "public/a.geojson" } }, 5]);
  expect(list("Layer type").value).toBe("geojson");
  expect(fields()).toEqual(["Layer type", "Name"]);
});
