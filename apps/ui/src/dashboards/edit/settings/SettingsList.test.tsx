import { type JsonObject, readDashboard } from "@narthex/dashboards";
import type { ReactNode } from "react";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DrawnPage } from "../../../testing/drawn-page.tsx";
import { type DashboardEdit, EditContext } from "../../draft/edit-context.ts";
import { useEditState } from "../use-edit-state.ts";
import LinksTab from "./links/LinksTab.tsx";
import VariablesTab from "./variables/VariablesTab.tsx";

let page: DrawnPage;
let edit: DashboardEdit;

beforeEach(() => {
  page = new DrawnPage();
});
afterEach(() => page.close());

async function open(json: JsonObject, Tab: () => ReactNode): Promise<void> {
  const { dashboard } = await readDashboard(json);
  const Page = () => {
    const state = useEditState(dashboard, { canEdit: false });
    edit = state;
    return (
      <EditContext value={state}>
        <Tab />
      </EditContext>
    );
  };
  await page.draw(<Page />);
}
const listAt = (...path: readonly string[]): unknown =>
  path.reduce<unknown>((at, key) => (at as JsonObject)[key], edit.draft.json);

test("variables that are not objects are listed and can be removed one by one", async () => {
  const job = { name: "job", type: "custom", query: "1" };
  await open({ schemaVersion: 43, templating: { list: [null, job, 7] } }, VariablesTab);
  await page.click(page.find("button", "Move job up"));
  expect(listAt("templating", "list")).toEqual([job, null, 7]);
  await page.click(page.find("button", "Remove (no name)"));
  expect(listAt("templating", "list")).toEqual([job, 7]);
});

test("an item can be added to a list that contains entries that are not objects", async () => {
  await open({ schemaVersion: 43, links: ["x"] }, LinksTab);
  await page.click(page.find("button", "Add link"));
  expect(listAt("links")).toMatchObject(["x", { title: "New link" }]);
});
