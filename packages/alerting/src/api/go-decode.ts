import { type JsonNode, JsonError } from "./go-json.ts";

/**
 * Position of a JSON value in the Go struct into which Alertmanager would decode the value. Error messages contain this
 * position.
 */
export interface GoPlace {
  /**
   * Name of the Go struct that contains the value, "" for an unnamed struct, or undefined if the value is not in a
   * struct.
   */
  readonly struct: string | undefined;
  /** Path of field names from the struct to the value. */
  readonly path: string;
  readonly element?: boolean;
}

export const WHOLE: GoPlace = { struct: undefined, path: "" };

const within = (place: GoPlace, name: string | number): GoPlace => {
  const step = String(name).replaceAll("~", "~0").replaceAll("/", "~1");
  return { struct: place.struct, path: place.path === "" ? step : `${place.path}.${step}` };
};

/** Throws JsonError with the text of Go's error for a JSON value of the wrong type. */
export function mismatch(node: JsonNode, place: GoPlace, goType: string): never {
  const field = `${place.struct ?? ""}.${place.path}`;
  const where = place.struct === undefined ? "Go value" : place.element === true ? field : `Go struct field ${field}`;
  throw new JsonError(`json: cannot unmarshal ${node.kind} into ${where} of type ${goType}`);
}

/** Functions that decode the members of a JSON object, by the name of the member. */
export type Members = Readonly<Record<string, (value: JsonNode, place: GoPlace) => void>>;

/**
 * Decodes the members of a JSON object in the order of the text. The case of a name is ignored. null has no members.
 * @param struct name of the object's struct in Go, for errors about its members
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

/** Decodes a JSON string. Returns undefined for null. */
export function readText(node: JsonNode, place: GoPlace): string | undefined {
  if (node.kind === "null") return undefined;
  return node.kind === "string" ? node.text : mismatch(node, place, "string");
}

/** Decodes a JSON boolean. Returns undefined for null. */
export function readFlag(node: JsonNode, place: GoPlace): boolean | undefined {
  if (node.kind === "null") return undefined;
  return node.kind === "bool" ? node.value : mismatch(node, place, "bool");
}

/**
 * Decodes a JSON object whose values are strings. If the parent object had an earlier member with the same name, adds
 * the strings to that member's object. Returns undefined for null.
 */
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

/** Returns the elements of a JSON array with their positions, or undefined for null. */
export function readItems(
  node: JsonNode,
  place: GoPlace,
  goType: string,
): readonly (readonly [JsonNode, GoPlace])[] | undefined {
  if (node.kind === "null") return undefined;
  if (node.kind !== "array") mismatch(node, place, goType);
  return node.items.map((item, i) => [item, { ...within(place, i), element: true }] as const);
}
