import { isObject, joinPath, type MutableJson } from "../model/json.ts";

/** One place where two pieces of JSON differ. */
export interface JsonDifference {
  /** `panels[#3 "CPU"].targets[A].expr`: items of lists go by their id, name or refId where they have one. */
  readonly path: string;
  /** `moved`: the items of a list stand in another order. */
  readonly kind: "added" | "removed" | "changed" | "moved";
  /** Absent where it was added. */
  readonly before?: unknown;
  /** Absent where it was removed. */
  readonly after?: unknown;
}

/** Beyond that nobody reads on. */
const MOST = 2000;

/**
 * Where two pieces of JSON differ, in the order of the second. Items of lists are matched by what names them, so that a panel
 * that was put in between does not make all that follow different.
 */
export function diffJson(before: unknown, after: unknown): readonly JsonDifference[] {
  const found: JsonDifference[] = [];
  compare(before, after, "", found);
  return found;
}

function compare(before: unknown, after: unknown, path: string, found: JsonDifference[]): void {
  if (before === after || found.length >= MOST) return;
  if (Array.isArray(before) && Array.isArray(after)) compareLists(before, after, path, found);
  else if (isObject(before) && isObject(after)) compareObjects(before, after, path, found);
  else if (!Number.isNaN(before) || !Number.isNaN(after)) add(found, { path, kind: "changed", before, after });
}

function add(found: JsonDifference[], difference: JsonDifference): void {
  if (found.length < MOST) found.push(difference);
}

function compareObjects(before: MutableJson, after: MutableJson, path: string, found: JsonDifference[]): void {
  for (const [key, value] of Object.entries(after)) {
    const place = joinPath(path, key);
    if (Object.hasOwn(before, key)) compare(before[key], value, place, found);
    else add(found, { path: place, kind: "added", after: value });
  }
  for (const [key, value] of Object.entries(before)) {
    if (!Object.hasOwn(after, key)) add(found, { path: joinPath(path, key), kind: "removed", before: value });
  }
}

function compareLists(
  before: readonly unknown[],
  after: readonly unknown[],
  path: string,
  found: JsonDifference[],
): void {
  const [old, now] = [named(before), named(after)];
  if (old === undefined || now === undefined) {
    compareByPlace(before, after, path, found);
    return;
  }
  for (const [key, { item, label }] of now) {
    const place = `${path}[${label}]`;
    const match = old.get(key);
    if (match === undefined) add(found, { path: place, kind: "added", after: item });
    else compare(match.item, item, place, found);
  }
  for (const [key, { item, label }] of old) {
    if (!now.has(key)) add(found, { path: `${path}[${label}]`, kind: "removed", before: item });
  }
  const [oldOrder, newOrder] = [[...old.keys()].filter((key) => now.has(key)), [...now.keys()].filter((key) => old.has(key))]; // prettier-ignore
  if (oldOrder.some((key, i) => key !== newOrder[i])) {
    const labels = (order: readonly string[], items: NamedItems): string[] => order.map((key) => items.get(key)!.label);
    add(found, { path, kind: "moved", before: labels(oldOrder, old), after: labels(newOrder, now) });
  }
}

function compareByPlace(
  before: readonly unknown[],
  after: readonly unknown[],
  path: string,
  found: JsonDifference[],
): void {
  for (let i = 0; i < Math.max(before.length, after.length) && found.length < MOST; i++) {
    const place = `${path}[${i}]`;
    if (i >= before.length) add(found, { path: place, kind: "added", after: after[i] });
    else if (i >= after.length) add(found, { path: place, kind: "removed", before: before[i] });
    else compare(before[i], after[i], place, found);
  }
}

type NamedItems = ReadonlyMap<string, { readonly item: MutableJson; readonly label: string }>;

/** The items of a list by what names them; undefined where one has no name, or two have the same. */
function named(list: readonly unknown[]): NamedItems | undefined {
  const items = new Map<string, { readonly item: MutableJson; readonly label: string }>();
  for (const item of list) {
    if (!isObject(item)) return undefined;
    const [key, label] = nameOf(item);
    if (key === undefined || items.has(key)) return undefined;
    items.set(key, { item, label });
  }
  return items;
}

function nameOf(item: MutableJson): readonly [key: string | undefined, label: string] {
  const [id, title, refId, name] = ["id", "title", "refId", "name"].map((key) =>
    Object.hasOwn(item, key) ? item[key] : undefined,
  );
  if (typeof id === "number") {
    const words = typeof title === "string" && title !== "" ? ` ${JSON.stringify(title.slice(0, 60))}` : "";
    return [`#${id}`, `#${id}${words}`];
  }
  for (const text of [refId, name]) if (typeof text === "string" && text !== "") return [text, text.slice(0, 60)];
  return [undefined, ""];
}
