import { isObject } from "../web/request-body.ts";

/**
 * The differences between two JSON values in the format of jsondiffpatch, which Grafana's API uses. An added value is
 * `[new]`, a replaced one `[old, new]`, and a removed one `[old, 0, 0]`. Objects contain the differences of their
 * values. Entries of lists are compared by index; the index of a removed entry begins with `_`. Undefined if the values
 * are equal.
 */
export type Delta = readonly unknown[] | { readonly [key: string]: Delta | "a" };

/** A change: the path, and the values before and after. A value that is missing is undefined. */
export interface JsonChange {
  readonly path: readonly string[];
  readonly before: unknown;
  readonly after: unknown;
}

const own = (value: Readonly<Record<string, unknown>>, key: string): unknown =>
  Object.hasOwn(value, key) ? value[key] : undefined;

/** Maximum depth of the comparison. Request bodies are less deep. Values at this depth are compared as a whole. */
const MAX_DEPTH = 600;

/** Returns all changes between two JSON values, in the order of the keys of the older value. */
export function jsonChanges(before: unknown, after: unknown): readonly JsonChange[] {
  const found: JsonChange[] = [];
  const path: string[] = [];
  const compare = (a: unknown, b: unknown): void => {
    const isBoth = path.length < MAX_DEPTH && ((isObject(a) && isObject(b)) || (Array.isArray(a) && Array.isArray(b)));
    if (!isBoth) {
      if (a !== b && JSON.stringify(a) !== JSON.stringify(b)) found.push({ path: [...path], before: a, after: b });
      return;
    }
    const [from, to] = [a, b] as [Readonly<Record<string, unknown>>, Readonly<Record<string, unknown>>];
    for (const key of new Set([...Object.keys(from), ...Object.keys(to)])) {
      path.push(key);
      compare(own(from, key), own(to, key));
      path.pop();
    }
  };
  compare(before, after);
  return found;
}

/** Returns all changes as one delta object. */
export function jsonDelta(before: unknown, after: unknown): Delta | undefined {
  const changes = jsonChanges(before, after);
  if (changes.length === 0) return undefined;
  const root = emptyAt(before);
  for (const change of changes) {
    if (change.path.length === 0) return leafOf(change);
    let [target, value] = [root, before];
    for (const key of change.path.slice(0, -1)) {
      value = (value as Readonly<Record<string, unknown>>)[key];
      const known = target.get(key);
      const next = known instanceof Map ? known : emptyAt(value);
      target.set(key, next);
      target = next;
    }
    const key = change.path.at(-1)!;
    const isRemoved = Array.isArray(value) && change.after === undefined;
    target.set(isRemoved ? `_${key}` : key, leafOf(change));
  }
  return plain(root);
}

type Tree = Map<string, unknown>;

const emptyAt = (value: unknown): Tree => new Map(Array.isArray(value) ? [["_t", "a"]] : []);

function leafOf({ before, after }: JsonChange): readonly unknown[] {
  if (before === undefined) return [after];
  return after === undefined ? [before, 0, 0] : [before, after];
}

const plain = (tree: Tree): Delta =>
  Object.fromEntries(
    [...tree].map(([key, value]) => [key, value instanceof Map ? plain(value as Tree) : (value as Delta)]),
  );
