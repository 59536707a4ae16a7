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
 * Changes values of a panel by their paths in its JSON. A function computes the edits from the panel as it is when they
 * are applied.
 */
export type EditPanel = (edits: readonly Edit[] | ((panel: Panel) => readonly Edit[])) => void;

/** Returns a panel with some values of its JSON set. All other values stay, including unknown keys. */
export const editedPanel = (panel: Panel, edits: readonly Edit[]): Panel =>
  readPanelSource(patchDashboard(panel.source, edits));

/** An object in a list of the JSON, with its index there. Other entries are skipped, but they count for the index. */
export interface Entry {
  readonly at: number;
  readonly json: JsonObject;
}

export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Returns the list at a path; empty for anything else. */
export function listAtPath(json: unknown, path: Path): readonly unknown[] {
  const value = valueAtPath(json, path);
  return Array.isArray(value) ? value : [];
}

/** Returns the objects of the list at a path. */
export const entriesAt = (json: unknown, path: Path): readonly Entry[] =>
  listAtPath(json, path).flatMap((one, at) => (isJsonObject(one) ? [{ at, json: one }] : []));

/** Returns the text at a key; "" for anything else. */
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
