import { type JsonNode, JsonError } from "./go-json.ts";

/** Position of a value in Go's structures, for error messages. */
export interface GoPlace {
  /** Name of the struct, "" for an unnamed one; undefined for the whole value. */
  readonly struct: string | undefined;
  /** Path of members from there. */
  readonly path: string;
  /** The value is an element of a list. */
  readonly element?: boolean;
}

export const WHOLE: GoPlace = { struct: undefined, path: "" };

const within = (place: GoPlace, name: string | number): GoPlace => {
  const step = String(name).replaceAll("~", "~0").replaceAll("/", "~1");
  return { struct: place.struct, path: place.path === "" ? step : `${place.path}.${step}` };
};

/** Throws JsonError for a value of another kind than the place allows. */
export function mismatch(node: JsonNode, place: GoPlace, goType: string): never {
  const field = `${place.struct ?? ""}.${place.path}`;
  const where = place.struct === undefined ? "Go value" : place.element === true ? field : `Go struct field ${field}`;
  throw new JsonError(`json: cannot unmarshal ${node.kind} into ${where} of type ${goType}`);
}

/** Handlers of members by name. */
export type Members = Readonly<Record<string, (value: JsonNode, place: GoPlace) => void>>;

/**
 * Decodes an object's members by their names, in the order of the text; a name may differ in case. null has none.
 *
 * @param struct the struct's name in refusals of its members, where they begin anew
 */
export function readMembers(
  node: JsonNode,
  { place, goType, struct }: { readonly place: GoPlace; readonly goType: string; readonly struct?: string },
  members: Members,
): void {
  if (node.kind === "null") return;
  if (node.kind !== "object") mismatch(node, place, goType);
  const base = struct === undefined ? place : { struct, path: "" };
  for (const [name, value] of node.members) {
    const known = Object.hasOwn(members, name)
      ? name
      : Object.keys(members).find((member) => member.toLowerCase() === name.toLowerCase());
    if (known !== undefined) members[known]!(value, within(base, name));
  }
}

/** A string; undefined for null. */
export function readText(node: JsonNode, place: GoPlace): string | undefined {
  if (node.kind === "null") return undefined;
  return node.kind === "string" ? node.text : mismatch(node, place, "string");
}

/** A boolean; undefined for null. */
export function readFlag(node: JsonNode, place: GoPlace): boolean | undefined {
  if (node.kind === "null") return undefined;
  return node.kind === "bool" ? node.value : mismatch(node, place, "bool");
}

/** Adds a map's members to those of an earlier member of the same name; undefined for null. */
export function readTexts(
  node: JsonNode,
  place: GoPlace,
  before: Readonly<Record<string, string>> | undefined,
): Record<string, string> | undefined {
  if (node.kind === "null") return undefined;
  if (node.kind !== "object") mismatch(node, place, "models.LabelSet");
  const texts = new Map(Object.entries(before ?? {}));
  for (const [name, value] of node.members) texts.set(name, readText(value, within(place, name)) ?? "");
  return Object.fromEntries(texts);
}

/** The elements of a list with their places; undefined for null. */
export function readItems(
  node: JsonNode,
  place: GoPlace,
  goType: string,
): readonly (readonly [JsonNode, GoPlace])[] | undefined {
  if (node.kind === "null") return undefined;
  if (node.kind !== "array") mismatch(node, place, goType);
  return node.items.map((item, i) => [item, { ...within(place, i), element: true }] as const);
}
