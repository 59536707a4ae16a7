import { type JsonObject, valueAtPath } from "@narthex/dashboards";
import { isJsonObject } from "../panel-edit.ts";
import { itemMoved } from "../../list-order.ts";

/** Returns the object at a key of the options; an empty object if the key has no object. */
export const partOf = (options: JsonObject, key: string): JsonObject => {
  const part = valueAtPath(options, [key]);
  return isJsonObject(part) ? part : {};
};

/** Returns the names ordered by their values in `indexByName`. Names without an index come last. */
export function orderedNames(names: readonly string[], indexByName: JsonObject): readonly string[] {
  const indexOf = (name: string): number => {
    const index = Object.hasOwn(indexByName, name) ? indexByName[name] : undefined;
    return typeof index === "number" ? index : names.length + names.indexOf(name);
  };
  return names.toSorted((a, b) => indexOf(a) - indexOf(b));
}

/** Returns the new index of each name after the name at `from` was moved to `to`. */
export const movedIndexes = (names: readonly string[], from: number, to: number): JsonObject =>
  Object.fromEntries(itemMoved(names, from, to).map((name, index) => [name, index]));
