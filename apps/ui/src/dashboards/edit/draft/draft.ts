import { isSameJson, type JsonObject, patchDashboard } from "@narthex/dashboards";

/** What somebody did, in the words of a button that undoes it. */
export interface Step {
  readonly name: string;
  /** The dashboard before it. */
  readonly before: JsonObject;
  /** Steps of one group that follow each other are one: the letters of a title. */
  readonly group?: string;
}

/** A step that was undone, and the dashboard after it. */
interface UndoneStep extends Step {
  readonly after: JsonObject;
}

/** A dashboard that is being edited, as its JSON of the newest schema. */
export interface Draft {
  /** As it is saved. */
  readonly base: JsonObject;
  readonly json: JsonObject;
  /** What can be undone, the last step at the end. */
  readonly past: readonly Step[];
  /** What was undone, the next to do again at the end. */
  readonly future: readonly UndoneStep[];
  readonly isDirty: boolean;
}

/** A change of a dashboard's JSON. It may be applied more than once, and changes nothing in place. */
export interface DraftChange {
  readonly name: string;
  readonly edit: (json: JsonObject) => JsonObject;
  readonly group?: string;
}

export type DraftAction =
  | ({ readonly type: "change" } & DraftChange)
  | { readonly type: "undo" }
  | { readonly type: "redo" }
  /** The dashboard is as it is saved again, which is a step as others are. */
  | { readonly type: "discard" }
  /** What was sent has been saved, and is now `stored`; what was done meanwhile stays. */
  | { readonly type: "saved"; readonly sent: JsonObject; readonly stored: JsonObject }
  /** Changes made on an earlier visit, to the version that they were made to. */
  | { readonly type: "continue"; readonly json: JsonObject; readonly version: unknown };

/** How many steps can be undone. */
export const MOST_STEPS = 200;

/** Which dashboard it is and of which version: no step changes or brings back these. */
const IDENTITY = ["id", "uid", "version"] as const;

export function newDraft(base: JsonObject): Draft {
  return { base, json: base, past: [], future: [], isDirty: false };
}

/** A draft after an action; the same draft where the action changes nothing. */
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
  const past = isContinued ? draft.past : [...draft.past, step].slice(-MOST_STEPS);
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

/** Whether printing both gives the same: who sorts the keys of the JSON has changed something. */
function isSameOrdered(a: JsonObject, b: JsonObject): boolean {
  return isSameJson(a, b) && JSON.stringify(a) === JSON.stringify(b);
}
