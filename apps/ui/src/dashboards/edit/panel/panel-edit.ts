import {
  type Edit,
  type JsonObject,
  type Panel,
  patchDashboard,
  readPanelSource,
  valueAtPath,
} from "@narthex/dashboards";

/** Where a value stands in a panel's JSON. */
export type Path = Edit["path"];

/** Changes values of a panel by their paths in its JSON. What is worked out from the panel is, from how it is by then. */
export type EditPanel = (edits: readonly Edit[] | ((panel: Panel) => readonly Edit[])) => void;

/** A panel with some values of its JSON set. What no edit names stays as it was, keys that nobody knows included. */
export const editedPanel = (panel: Panel, edits: readonly Edit[]): Panel =>
  readPanelSource(patchDashboard(panel.source, edits));

/** An entry of a list of the JSON, with its place there: what is no object is passed over and keeps its place. */
export interface Entry {
  readonly at: number;
  readonly json: JsonObject;
}

export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The list below a path; empty for anything else. */
export function listAtPath(json: unknown, path: Path): readonly unknown[] {
  const value = valueAtPath(json, path);
  return Array.isArray(value) ? value : [];
}

/** The objects of the list below a path. */
export const entriesAt = (json: unknown, path: Path): readonly Entry[] =>
  listAtPath(json, path).flatMap((one, at) => (isJsonObject(one) ? [{ at, json: one }] : []));

/** The text below a key; empty for anything else. */
export const textOf = (json: JsonObject, key: string): string => {
  const value = valueAtPath(json, [key]);
  return typeof value === "string" ? value : "";
};

/** The first name of the letters A, B, … Z, AA that is not taken. */
export function freeLetters(taken: ReadonlySet<string>): string {
  for (let at = 0; ; at++) {
    const name = letters(at);
    if (!taken.has(name)) return name;
  }
}

const letters = (at: number): string =>
  (at < 26 ? "" : letters(Math.floor(at / 26) - 1)) + String.fromCharCode(65 + (at % 26));
