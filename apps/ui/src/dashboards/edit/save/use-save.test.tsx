import { patchDashboard, readDashboard } from "@narthex/dashboards";
import { act, useEffect } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DrawnPage } from "../../../testing/drawn-page.tsx";
import { type DashboardEdit, EditContext } from "../../draft/edit-context.ts";
import { useEditState } from "../use-edit-state.ts";
import { type Save, useSave } from "./use-save.ts";

let page: DrawnPage;
let edit: DashboardEdit;
let save: Save;

beforeEach(() => {
  page = new DrawnPage();
});
afterEach(() => page.close());

function Saver() {
  const own = useSave(() => undefined);
  useEffect(() => {
    save = own;
  }, [own]);
  return null;
}

test("changes that are made during a save are not lost", async () => {
  const { promise, resolve: answer } = Promise.withResolvers<Response>();
  vi.stubGlobal("fetch", () => promise);
  const { dashboard } = await readDashboard({ uid: "u", version: 3, title: "As opened", schemaVersion: 41 });
  const Page = () => {
    const state = useEditState(dashboard, { canEdit: true, canSave: true });
    useEffect(() => {
      edit = state;
    }, [state]);
    return (
      <EditContext value={state}>
        <Saver />
      </EditContext>
    );
  };
  await page.draw(<Page />);
  const retitle = (title: string): Promise<void> =>
    act(async () => edit.change(title, (json) => patchDashboard(json, [{ path: ["title"], value: title }])));
  await retitle("Sent");
  await act(async () => save.mutate({ dashboard: edit.draft.json, folderUid: "", message: "", overwrite: false }));
  await retitle("Meanwhile");
  await act(async () => answer(Response.json({ id: 1, uid: "u", version: 4, folderUid: "", url: "/d/u/x" })));
  await page.until(() => expect(edit.draft.base["version"]).toBe(4));
  expect([edit.draft.base["title"], edit.draft.json["title"], edit.draft.isDirty]).toEqual(["Sent", "Meanwhile", true]);
});
