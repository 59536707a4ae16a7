import {
  type Edit,
  type JsonObject,
  type Panel,
  patchDashboard,
  readPanelSource,
  valueAtPath,
} from "@narthex/dashboards";

/** Path of a value in a panel's JSON. */
export type Path = Edit["path"];

/**
 * Changes values of a panel by their paths in its JSON. If the edits depend on the panel, a function computes them from
 * its newest state.
 */
export type EditPanel = (edits: readonly Edit[] | ((panel: Panel) => readonly Edit[])) => void;

/** Returns a panel with new values at some paths of its JSON. All other values stay, including unknown keys. */
export const editedPanel = (panel: Panel, edits: readonly Edit[]): Panel =>
  readPanelSource(patchDashboard(panel.source, edits));

/** An object in a JSON list, with its index in that list. The index also counts entries that are not objects. */
export interface Entry {
  readonly at: number;
  readonly json: JsonObject;
}

export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Returns the list at a path; an empty list if the value is not a list. */
export function listAtPath(json: unknown, path: Path): readonly unknown[] {
  const value = valueAtPath(json, path);
  return Array.isArray(value) ? value : [];
}

export const entriesAt = (json: unknown, path: Path): readonly Entry[] =>
  listAtPath(json, path).flatMap((one, at) => (isJsonObject(one) ? [{ at, json: one }] : []));

/** Returns the text at a key; "" if the value is not a text. */
export const textOf = (json: JsonObject, key: string): string => {
  const value = valueAtPath(json, [key]);
  return typeof value === "string" ? value : "";
};

/** Returns the first of the names A, B, … Z, AA … that is not taken. */
export function freeLetters(taken: ReadonlySet<string>): string {
  for (let at = 0; ; at++) {
    const name = letters(at);
    if (!taken.has(name)) return name;
  }
}

const letters = (at: number): string =>
  (at < 26 ? "" : letters(Math.floor(at / 26) - 1)) + String.fromCharCode(65 + (at % 26));
