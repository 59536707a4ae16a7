import type { ApiObject } from "./kubernetes-api.ts";

/**
 * Reports whether an object matches a label selector and a field selector. Supports `a=b`, `a!=b`, `a`, `!a`, `a in
 * (b,c)` and `a notin (b,c)`.
 */
export function matchesSelectors(object: ApiObject, labels: string, fields: string): boolean {
  const own = (object.metadata["labels"] ?? {}) as Readonly<Record<string, string>>;
  return (
    terms(labels).every((term) => matchesTerm(term, (key) => own[key])) &&
    terms(fields).every((term) => matchesTerm(term, (path) => fieldAt(object, path)))
  );
}

const terms = (selector: string): string[] => selector.match(/(?:\([^)]*\)|[^,])+/g) ?? [];

function matchesTerm(term: string, valueOf: (key: string) => string | undefined): boolean {
  const among = /^\s*(\S+)\s+(not)?in\s+\(([^)]*)\)\s*$/.exec(term);
  if (among !== null) {
    const values = among[3]!.split(",").map((value) => value.trim());
    return values.includes(valueOf(among[1]!) ?? "\0") === (among[2] === undefined);
  }
  const compared = /^\s*([^=!]+?)\s*(!?)==?\s*(.*?)\s*$/.exec(term);
  if (compared !== null) return (valueOf(compared[1]!) === compared[3]!) === (compared[2] === "");
  const [, not, key] = /^\s*(!?)\s*(\S+)\s*$/.exec(term)!;
  return (valueOf(key!) !== undefined) === (not === "");
}

function fieldAt(object: unknown, path: string): string {
  let at = object;
  for (const name of path.split(".")) at = (at as Record<string, unknown> | undefined)?.[name];
  return typeof at === "string" ? at : "";
}
