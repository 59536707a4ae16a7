import { isSameJson, type JsonObject, patchDashboard } from "@narthex/dashboards";

/** A change of the dashboard that can be undone. `name` describes the change on the undo button. */
interface Step {
  readonly name: string;
  readonly before: JsonObject;
  /** Successive steps with the same group are undone together, for example typing the letters of a title. */
  readonly group?: string;
}

/** A step that was undone, with the dashboard after the step, which a redo restores. */
interface UndoneStep extends Step {
  readonly after: JsonObject;
}

/** The state of a dashboard that is being edited. Dashboards are JSON of the newest schema. */
export interface Draft {
  /** The dashboard as it was last saved. */
  readonly base: JsonObject;
  readonly json: JsonObject;
  /** Steps that can be undone, the newest last. */
  readonly past: readonly Step[];
  /** Undone steps that can be redone; the last one is redone first. */
  readonly future: readonly UndoneStep[];
  readonly isDirty: boolean;
}

/** A change of the dashboard's JSON. `edit` may be called several times, and must not modify its argument. */
interface DraftChange {
  readonly name: string;
  readonly edit: (json: JsonObject) => JsonObject;
  readonly group?: string;
}

export type DraftAction =
  | ({ readonly type: "change" } & DraftChange)
  | { readonly type: "undo" }
  | { readonly type: "redo" }
  /** Restores the saved dashboard. The user can undo this action. */
  | { readonly type: "discard" }
  /**
   * Records that the dashboard `sent` was saved, and that the server stored it as `stored`. Changes made during the
   * request stay.
   */
  | { readonly type: "saved"; readonly sent: JsonObject; readonly stored: JsonObject }
  /** Restores unsaved changes that were stored in the browser, with the saved version on which they are based. */
  | { readonly type: "continue"; readonly json: JsonObject; readonly version: unknown };

/** Maximum number of steps that can be undone. */
export const MAX_STEPS = 200;

/** Keys of the dashboard's id, uid and version. A step, an undo or a redo does not change their values. */
const IDENTITY = ["id", "uid", "version"] as const;

export function newDraft(base: JsonObject): Draft {
  return { base, json: base, past: [], future: [], isDirty: false };
}

/** Returns the draft after an action. Returns the same object if the action changes nothing. */
export function reduceDraft(draft: Draft, action: DraftAction): Draft {
  switch (action.type) {
    case "change":
      return changed(draft, action);
    case "undo":
      return undone(draft);
    case "redo":
      return redone(draft);
    case "discard":
      return changed(draft, { name: "Discard changes", edit: () => draft.base });
    case "saved":
      return saved(draft, action.sent, action.stored);
    case "continue": {
      const base = patchDashboard(draft.base, [{ path: ["version"], value: action.version }]);
      return changed({ ...draft, base }, { name: "Continue earlier changes", edit: () => action.json });
    }
  }
}

function changed(draft: Draft, { name, edit, group }: DraftChange): Draft {
  const json = withIdentityOf(draft.base, edit(draft.json));
  if (json === draft.json || isSameOrdered(json, draft.json)) return draft;
  const last = draft.past.at(-1);
  const isContinued = group !== undefined && last?.group === group && draft.future.length === 0;
  const step: Step = { name, before: draft.json, ...(group === undefined ? {} : { group }) };
  const past = isContinued ? draft.past : [...draft.past, step].slice(-MAX_STEPS);
  return at({ ...draft, past, future: [] }, json);
}

function undone(draft: Draft): Draft {
  const step = draft.past.at(-1);
  if (step === undefined) return draft;
  const future = [...draft.future, { ...step, after: draft.json }];
  return at({ ...draft, past: draft.past.slice(0, -1), future }, step.before);
}

function redone(draft: Draft): Draft {
  const step = draft.future.at(-1);
  if (step === undefined) return draft;
  const { after, ...again } = step;
  return at({ ...draft, past: [...draft.past, again], future: draft.future.slice(0, -1) }, after);
}

function saved(draft: Draft, sent: JsonObject, stored: JsonObject): Draft {
  return at({ ...draft, base: stored }, draft.json === sent ? stored : draft.json);
}

function at(draft: Draft, json: JsonObject): Draft {
  const own = withIdentityOf(draft.base, json);
  return { ...draft, json: own, isDirty: own !== draft.base && !isSameJson(own, draft.base) };
}

function withIdentityOf(base: JsonObject, json: JsonObject): JsonObject {
  const wrong = IDENTITY.filter((key) => base[key] !== json[key]);
  return wrong.length === 0
    ? json
    : patchDashboard(
        json,
        wrong.map((key) => ({ path: [key], value: base[key] })),
      );
}

/** Reports whether two objects have the same JSON text. A different order of keys counts as a change. */
function isSameOrdered(a: JsonObject, b: JsonObject): boolean {
  return isSameJson(a, b) && JSON.stringify(a) === JSON.stringify(b);
}
