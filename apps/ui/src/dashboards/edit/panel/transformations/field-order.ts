import { type JsonObject, valueAtPath } from "@narthex/dashboards";
import { isJsonObject } from "../panel-edit.ts";
import { itemMoved } from "../../list-order.ts";

/** The object below a key of options; an empty one where there is none. */
export const partOf = (options: JsonObject, key: string): JsonObject => {
  const part = valueAtPath(options, [key]);
  return isJsonObject(part) ? part : {};
};

/** The names as a step orders them: by its numbers, those without one behind. */
export function orderedNames(names: readonly string[], indexByName: JsonObject): readonly string[] {
  const place = (name: string): number => {
    const index = Object.hasOwn(indexByName, name) ? indexByName[name] : undefined;
    return typeof index === "number" ? index : names.length + names.indexOf(name);
  };
  return names.toSorted((a, b) => place(a) - place(b));
}

/** The numbers of names of which one has gone to another place. */
export const movedIndexes = (names: readonly string[], from: number, to: number): JsonObject =>
  Object.fromEntries(itemMoved(names, from, to).map((name, index) => [name, index]));
