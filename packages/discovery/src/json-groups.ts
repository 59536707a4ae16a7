import { isLabelName, Labels, quote } from "@narthex/model";
import { runToEnd, type Steps } from "@narthex/runtime";
import { GroupsError, type ListedGroup, parseGroups } from "./target-group.ts";

/** Number of target groups to process before yielding to the event loop. */
export const GROUPS_PER_STEP = 256;

/** Returns the target groups of a parsed JSON answer. Throws GroupsError with the messages of Go's decoder. */
export const groupsOfJson = (value: unknown): readonly ListedGroup[] => runToEnd(readingGroups(value));

/** Reads target groups like groupsOfJson(), but yields to other work between steps. */
export function* readingGroups(value: unknown): Steps<readonly ListedGroup[]> {
  if (value === null) return [];
  if (!Array.isArray(value)) throw mismatch(value, "value of type []*targetgroup.Group");
  const groups: ListedGroup[] = [];
  for (const one of value) {
    groups.push(groupOf(one));
    if (groups.length % GROUPS_PER_STEP === 0) yield;
  }
  return groups;
}

/**
 * Parses a YAML or JSON text with target groups. Uses the faster JSON parser if the text is valid JSON. Unlike
 * parseGroups(), does not return the positions of groups.
 */
export const readGroups = (text: string, name: string): readonly ListedGroup[] =>
  faultlessGroups(text) ?? parseGroups(text, name);

function faultlessGroups(text: string): readonly ListedGroup[] | undefined {
  if (!/^\s*\[/.test(text)) return undefined;
  try {
    const groups = JSON.parse(text) as readonly unknown[];
    return groups.every(hasExactNames) ? groupsOfJson(groups) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof GroupsError) return undefined;
    throw error;
  }
}

/**
 * Reports whether the field names are exactly `targets` and `labels`. For names such as `Targets`, the JSON and the
 * YAML decoder of Go differ.
 */
const hasExactNames = (value: unknown): boolean =>
  isObject(value) && Object.keys(value).every((name) => name === "targets" || name === "labels");

function groupOf(value: unknown): ListedGroup {
  if (value === null) throw new GroupsError("nil target group item found");
  if (!isObject(value)) throw mismatch(value, "value of type targetgroup.Group");
  let targets: readonly string[] = [];
  let labels = Labels.EMPTY;
  for (const [key, field] of Object.entries(value)) {
    // Go's decoder ignores the case of field names.
    const name = key.toLowerCase();
    if (name === "targets") targets = targetsOf(field);
    else if (name === "labels") labels = labelsOf(field);
    else throw new GroupsError(`json: unknown field ${quote(key)}`);
  }
  return { targets, labels };
}

function targetsOf(value: unknown): readonly string[] {
  if (value === null) return [];
  if (!Array.isArray(value)) throw mismatch(value, "struct field .targets of type []string");
  return value.map((one) => textOf(one, "struct field .targets of type string"));
}

function labelsOf(value: unknown): Labels {
  if (value === null) return Labels.EMPTY;
  if (!isObject(value)) throw mismatch(value, "value of type map[model.LabelName]model.LabelValue");
  return Labels.of(
    Object.entries(value).map(([name, one]) => {
      const text = textOf(one, "value of type model.LabelValue");
      if (!isLabelName(name)) throw new GroupsError(`${quote(name)} is not a valid label name`);
      return [name, text] as const;
    }),
  );
}

/** Returns a JSON string, or "" for null, as Go does. Throws for another type. */
function textOf(value: unknown, field: string): string {
  if (value === null) return "";
  if (typeof value === "string") return value;
  throw mismatch(value, field);
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function mismatch(value: unknown, field: string): GroupsError {
  const kind = typeof value === "boolean" ? "bool" : Array.isArray(value) ? "array" : typeof value;
  return new GroupsError(`json: cannot unmarshal ${kind} into Go ${field}`);
}
