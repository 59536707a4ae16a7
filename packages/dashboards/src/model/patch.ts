import type { JsonObject } from "./field-config.ts";
import { copyJson, isObject, type MutableJson } from "./json.ts";

/** Sets the value at a path of keys and indices, or removes it where the value is undefined. */
export interface Edit {
  readonly path: readonly (string | number)[];
  readonly value: unknown;
}

/**
 * A dashboard's JSON with some values set. What no edit touches is the same object as before, with its keys in their order:
 * printing it gives the same bytes. New keys stand at the end; lists and objects on the way are made where there are none.
 */
export function patchDashboard(source: JsonObject, edits: readonly Edit[]): JsonObject {
  return edits.reduce<JsonObject>((json, { path, value }) => {
    if (path.length === 0) return json;
    const copy = value === undefined ? undefined : copyJson(value);
    return setAt(json, path, 0, copy) as JsonObject;
  }, source);
}

/**
 * A dashboard's JSON with some values of a panel set, by paths within the panel; panels within rows count. The same JSON
 * where there is no such panel.
 */
export function patchPanel(source: JsonObject, id: number, edits: readonly Edit[]): JsonObject {
  const place = pathOfPanel(source, id);
  if (place === undefined) return source;
  return patchDashboard(
    source,
    edits.map(({ path, value }) => ({ path: [...place, ...path], value })),
  );
}

/** Where a panel stands in a dashboard's JSON. */
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
  // There is nothing to remove below what is not there.
  if (value === undefined && own === undefined) return json;
  const item = setAt(own, path, depth + 1, value);
  if (item === undefined) delete object[key];
  else object[key] = item;
  return object;
}
