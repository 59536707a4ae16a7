import { type JsonObject, patchDashboard } from "@narthex/dashboards";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Draft, type DraftAction, MAX_STEPS, newDraft, reduceDraft } from "./draft.ts";

const base: JsonObject = { id: 4, uid: "u", version: 7, title: "T", "x-unknown": [1], panels: [] };

const titled = (title: string, group?: string): DraftAction => ({
  type: "change",
  name: `Title ${title}`,
  edit: (json) => patchDashboard(json, [{ path: ["title"], value: title }]),
  ...(group === undefined ? {} : { group }),
});
const after = (...actions: readonly DraftAction[]): Draft => actions.reduce(reduceDraft, newDraft(base));
const undo: DraftAction = { type: "undo" };
const redo: DraftAction = { type: "redo" };

test("undo and redo restore the state before and after a change, and name the change", () => {
  const one = after(titled("A"), titled("B"));
  expect([one.json["title"], one.isDirty, one.past.map(({ name }) => name)]).toEqual([
    "B",
    true,
    ["Title A", "Title B"],
  ]);
  const back = after(titled("A"), titled("B"), undo);
  expect([back.json["title"], back.future.at(-1)?.name]).toEqual(["A", "Title B"]);
  expect(after(titled("A"), titled("B"), undo, redo).json).toEqual(one.json);
  expect(after(titled("A"), undo, titled("C"), redo).json["title"]).toBe("C");
});

test("a change back to the saved state leaves no changes to save", () => {
  expect(after(titled("A"), titled("T")).isDirty).toBe(false);
  expect(after(titled("T")).past).toEqual([]);
});

test("successive steps of one group are one step, unless another step is between them or one is undone", () => {
  const typed = after(titled("a", "title"), titled("ab", "title"), titled("abc", "title"));
  expect(typed.past).toHaveLength(1);
  expect(reduceDraft(typed, undo).json["title"]).toBe("T");
  expect(after(titled("a", "title"), titled("x"), titled("b", "title")).past).toHaveLength(3);
});

test("no change can modify the id, uid or version of the dashboard", () => {
  const draft = after({ type: "change", name: "JSON", edit: () => ({ title: "New", uid: "other", id: 99 }) });
  expect(draft.json).toEqual({ title: "New", uid: "u", id: 4, version: 7 });
});

test("after a save, the saved state is the base, and changes made since and earlier steps stay", () => {
  const sent = after(titled("A")).json;
  const stored = { ...sent, version: 8 };
  const quiet = after(titled("A"), { type: "saved", sent, stored });
  expect([quiet.isDirty, quiet.json, quiet.past.length]).toEqual([false, stored, 1]);
  const busy = [titled("A"), titled("B")].reduce(reduceDraft, newDraft(base));
  const both = reduceDraft(busy, { type: "saved", sent: busy.past[1]!.before, stored });
  expect([both.isDirty, both.json["title"], both.json["version"]]).toEqual([true, "B", 8]);
  expect(reduceDraft(quiet, undo).json).toEqual({ ...base, version: 8 });
});

test("changes of an earlier visit keep the version on which they are based, and can be undone", () => {
  const draft = after({ type: "continue", json: { ...base, version: 5, title: "Earlier" }, version: 5 });
  expect([draft.json["version"], draft.json["title"], draft.isDirty]).toEqual([5, "Earlier", true]);
  expect(reduceDraft(draft, undo).json["title"]).toBe("T");
});

test("the number of steps is limited", () => {
  const draft = after(...Array.from({ length: MAX_STEPS + 50 }, (_, i) => titled(`t${i}`)));
  expect(draft.past).toHaveLength(MAX_STEPS);
});

test("undoing any changes restores the original bytes, and redoing them restores the changed bytes", () =>
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom("title", "tags", "x"), fc.jsonValue()), { maxLength: 20 }),
      (edits) => {
        const draft = after(
          ...edits.map(([key, value]): DraftAction => ({
            type: "change",
            name: key,
            edit: (json) => patchDashboard(json, [{ path: [key], value }]),
          })),
        );
        const back = draft.past.reduce((one) => reduceDraft(one, undo), draft);
        expect(JSON.stringify(back.json)).toBe(JSON.stringify(base));
        const forth = draft.past.reduce((one) => reduceDraft(one, redo), back);
        expect(JSON.stringify(forth.json)).toBe(JSON.stringify(draft.json));
      },
    ),
  ));
