import { patchDashboard, readDashboard } from "@narthex/dashboards";
import { act } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DrawnPage } from "../../testing/drawn-page.tsx";
import type { KeptDraft } from "../draft/kept-drafts.ts";
import type { DashboardEdit } from "../draft/edit-context.ts";
import { useEditState } from "./use-edit-state.ts";

/** Content of the fake browser database: drafts by server, user and dashboard. */
let browser: Map<string, { readonly key: string; readonly drafts: readonly KeptDraft[] }>;
let page: DrawnPage;
let edit: DashboardEdit;

/** Returns a fake of the browser's database with the functions that drafts use. */
function database(): object {
  const answered = (result: unknown): object => {
    const request: { result: unknown; onsuccess?: () => void } = { result };
    queueMicrotask(() => request.onsuccess?.());
    return request;
  };
  const objectStore = () => ({
    get: (key: string) => answered(browser.get(key)),
    put: (record: { key: string; drafts: KeptDraft[] }) => answered(browser.set(record.key, structuredClone(record))),
    delete: (key: string) => answered(browser.delete(key)),
  });
  return {
    open: () => answered({ transaction: () => ({ objectStore }) }),
    deleteDatabase: () => undefined,
  };
}

beforeEach(() => {
  browser = new Map();
  page = new DrawnPage();
  vi.stubGlobal("indexedDB", database());
});
afterEach(() => page.close());

const base = { uid: "u", version: 3, title: "As saved", schemaVersion: 41, panels: [] };

const keyOf = (login: string): string => JSON.stringify(["", login, "u"]);

async function open(login: string | undefined = "ann"): Promise<void> {
  const { dashboard } = await readDashboard(base);
  const Open = () => {
    const state = useEditState(dashboard, { canEdit: true, canSave: true }, false, login);
    edit = state;
    return null;
  };
  await page.draw(<Open />);
}
/** Stores the drafts of several visits, the newest first. */
const keep = (...titles: readonly string[]): void => {
  const drafts = titles.map((title, at) => ({
    visit: `v${at}`,
    version: 3,
    json: { ...base, title },
    at: 1,
  }));
  browser.set(keyOf("ann"), { key: keyOf("ann"), drafts });
};
const keptTitles = (): unknown[] => (browser.get(keyOf("ann"))?.drafts ?? []).map(({ json }) => json["title"]);
const retitle = (title: string): Promise<void> =>
  act(async () => edit.change(title, (json) => patchDashboard(json, [{ path: ["title"], value: title }])));
const title = (): unknown => edit.draft.json["title"];

test("changes of an earlier visit stay available if the user makes new changes without continuing or discarding them", async () => {
  keep("Earlier");
  await open();
  expect(edit.kept?.json["title"]).toBe("Earlier");
  await retitle("Now");
  expect(edit.kept?.json["title"]).toBe("Earlier");
  await page.until(() => expect(keptTitles()).toEqual(["Now", "Earlier"]));
  await act(async () => edit.continueKept());
  expect([title(), edit.kept]).toEqual(["Earlier", undefined]);
  await page.until(() => expect(keptTitles()).toEqual(["Earlier"]));
  await act(async () => edit.dispatch({ type: "undo" }));
  expect(title()).toBe("Now");
});

test("discarding the changes of one visit keeps the changes of the current visit and of other visits", async () => {
  keep("Earlier", "First");
  await open();
  await retitle("Now");
  await act(async () => edit.discardKept());
  expect([title(), edit.kept?.json["title"]]).toEqual(["Now", "First"]);
  await page.until(() => expect(keptTitles()).toEqual(["Now", "First"]));
  await act(async () => edit.discardKept());
  await page.until(() => expect(keptTitles()).toEqual(["Now"]));
  expect(edit.kept).toBeUndefined();
});

test("undoing all changes keeps the changes of an earlier visit", async () => {
  keep("Earlier");
  await open();
  await retitle("Now");
  await page.until(() => expect(keptTitles()).toEqual(["Now", "Earlier"]));
  await act(async () => edit.dispatch({ type: "undo" }));
  await page.until(() => expect(keptTitles()).toEqual(["Earlier"]));
  await act(async () => edit.discardKept());
  await page.until(() => expect(browser.size).toBe(0));
});

test("two visits at the same time store their changes separately, and only the newest drafts are kept", async () => {
  await open();
  await retitle("Here");
  await page.until(() => expect(keptTitles()).toEqual(["Here"]));
  keep("There", ...keptTitles().map(String), "Old", "Older", "Oldest");
  await retitle("Here again");
  await page.until(() => expect(keptTitles()).toEqual(["Here again", "There", "Here", "Old", "Older"]));
});

test("starting to edit continues the changes of an earlier visit, unless the user has made new changes", async () => {
  keep("Earlier");
  await open();
  await retitle("Now");
  await act(async () => edit.begin());
  expect([title(), edit.isEditing]).toEqual(["Now", true]);
  await act(async () => edit.dispatch({ type: "undo" }));
  await act(async () => edit.begin());
  expect(title()).toBe("Earlier");
});

test("typed JSON is stored like other changes, and stays in the editor until it is applied or discarded", async () => {
  await open();
  await act(async () => edit.writeJson({ text: "{ half", of: "{}" }));
  expect([edit.isEditing, edit.draft.isDirty]).toEqual([true, false]);
  const texts = () => (browser.get(keyOf("ann"))?.drafts ?? []).map(({ written }) => written?.text);
  await page.until(() => expect(texts()).toEqual(["{ half"]));
  await page.close();
  page = new DrawnPage();
  vi.stubGlobal("indexedDB", database());
  await open();
  await page.until(() => expect(edit.kept?.written?.text).toBe("{ half"));
  await act(async () => edit.begin());
  expect([edit.writtenJson?.text, edit.kept, edit.draft.isDirty]).toEqual(["{ half", undefined, false]);
  await act(async () => edit.writeJson(undefined));
  await page.until(() => expect(browser.size).toBe(0));
});

test("changes are offered only to the user who made them", async () => {
  keep("Of Ann");
  await open("bob");
  expect(edit.kept).toBeUndefined();
  await retitle("Of Bob");
  await page.until(() => expect(browser.get(keyOf("bob"))?.drafts).toHaveLength(1));
  expect(keptTitles()).toEqual(["Of Ann"]);
  await page.close();
  page = new DrawnPage();
  vi.stubGlobal("indexedDB", database());
  await open("ann");
  await page.until(() => expect(edit.kept?.json["title"]).toBe("Of Ann"));
});
