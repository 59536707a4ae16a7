import { type Dashboard, readDashboard } from "@narthex/dashboards";
import { act } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DashboardContext, type DashboardContextValue } from "../../data/dashboard-context.ts";
import { DrawnPage } from "../../../testing/drawn-page.tsx";
import { type DashboardEdit, EditContext } from "../../draft/edit-context.ts";
import { useEditState } from "../use-edit-state.ts";
import JsonTab from "./JsonTab.tsx";

const reading = vi.hoisted(() => ({ wait: Promise.resolve() }));
vi.mock("./JsonCode.tsx", () => ({ default: ({ value }: { value: string }) => <pre>{value}</pre> }));
vi.mock("@narthex/dashboards", async (original) => {
  const all = await original<typeof import("@narthex/dashboards")>();
  return {
    ...all,
    readDashboard: async (...given: Parameters<typeof all.readDashboard>) => {
      await reading.wait;
      return all.readDashboard(...given);
    },
  };
});

let page: DrawnPage;
let edit: DashboardEdit;
beforeEach(() => void (page = new DrawnPage()));
afterEach(() => page.close());

async function open(dashboard: Dashboard): Promise<void> {
  const Editing = () => {
    const state = useEditState(dashboard, { canEdit: true, canSave: true });
    edit = state;
    return (
      <DashboardContext value={{ sources: [] } as unknown as DashboardContextValue}>
        <EditContext value={state}>
          <JsonTab />
        </EditContext>
      </DashboardContext>
    );
  };
  await page.draw(<Editing />);
}

test("text that is typed while JSON is applied stays, based on the applied JSON", async () => {
  const { dashboard } = await readDashboard({ uid: "u", version: 3, title: "As saved", schemaVersion: 41, panels: [] });
  await open(dashboard);
  const of = JSON.stringify(edit.draft.json, undefined, 2);
  const applied = of.replace("As saved", "Applied");
  await act(async () => edit.writeJson({ text: applied, of }));
  const { promise, resolve } = Promise.withResolvers<void>();
  reading.wait = promise;
  await page.click(page.find("button", "Apply"));
  await act(async () => edit.writeJson({ text: `${applied} and`, of }));
  resolve();
  await page.until(() => expect(edit.draft.json["title"]).toBe("Applied"));
  expect(edit.writtenJson?.text).toBe(`${applied} and`);
  expect(document.body.textContent).not.toContain("The dashboard has changed since you started to edit this text");
});
