import type { JsonObject } from "./field-config.ts";
import { copyJson, isObject, type MutableJson } from "./json.ts";

/** A change of JSON: sets the value at a path of keys and indexes, or removes it if the value is undefined. */
export interface Edit {
  readonly path: readonly (string | number)[];
  readonly value: unknown;
}

/**
 * Changes values in a dashboard's JSON. Unchanged parts stay the same objects with the same order of keys, so that they
 * are printed as the same bytes. New keys come last. Lists and objects that the path needs are created.
 */
export function patchDashboard(source: JsonObject, edits: readonly Edit[]): JsonObject {
  return edits.reduce<JsonObject>((json, { path, value }) => {
    if (path.length === 0) return json;
    const copy = value === undefined ? undefined : copyJson(value);
    return setAt(json, path, 0, copy) as JsonObject;
  }, source);
}

/**
 * Changes values of a panel, which may be within a row. Paths are relative to the panel. Returns the same JSON if the
 * dashboard has no such panel.
 */
export function patchPanel(source: JsonObject, id: number, edits: readonly Edit[]): JsonObject {
  const panelPath = pathOfPanel(source, id);
  if (panelPath === undefined) return source;
  return patchDashboard(
    source,
    edits.map(({ path, value }) => ({ path: [...panelPath, ...path], value })),
  );
}

export function pathOfPanel(source: JsonObject, id: number): (string | number)[] | undefined {
  const panels: unknown = source["panels"];
  if (!Array.isArray(panels)) return undefined;
  for (const [i, panel] of panels.entries()) {
    if (!isObject(panel)) continue;
    if (panel["id"] === id) return ["panels", i];
    const within = Array.isArray(panel["panels"])
      ? panel["panels"].findIndex((each) => isObject(each) && each["id"] === id)
      : -1;
    if (within >= 0) return ["panels", i, "panels", within];
  }
  return undefined;
}

function setAt(json: unknown, path: readonly (string | number)[], depth: number, value: unknown): unknown {
  if (depth === path.length) return value;
  const key = path[depth]!;
  const isForbidden = key === "__proto__";
  if (typeof key === "number") {
    const list = Array.isArray(json) ? [...json] : [];
    if (!Number.isSafeInteger(key) || key < 0 || key > list.length) return json;
    const item = setAt(list[key], path, depth + 1, value);
    if (item === undefined) list.splice(key, 1);
    else list[key] = item;
    return list;
  }
  if (isForbidden) return json;
  const object: MutableJson = isObject(json) ? { ...json } : {};
  const own = Object.hasOwn(object, key) ? object[key] : undefined;
  // Changes nothing if the value to remove has no parent.
  if (value === undefined && own === undefined) return json;
  const item = setAt(own, path, depth + 1, value);
  if (item === undefined) delete object[key];
  else object[key] = item;
  return object;
}
