/**
 * The differences between two JSON values in the format of Grafana's answer (that of jsondiffpatch): `[new]` for an
 * added value, `[old, new]` for a replaced one, `[old, 0, 0]` for a removed one, and objects with such differences
 * below. Entries of lists are compared by index; removed ones have `_` before the index. Undefined if there is no
 * difference.
 */
export type Delta = readonly unknown[] | { readonly [key: string]: Delta | "a" };

/** One change: its path, and the values before and after. A missing value is undefined. */
export interface JsonChange {
  readonly path: readonly string[];
  readonly before: unknown;
  readonly after: unknown;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const own = (value: Readonly<Record<string, unknown>>, key: string): unknown =>
  Object.hasOwn(value, key) ? value[key] : undefined;

/** Largest depth. Bodies of requests are less deep; deeper values are compared as a whole. */
const MAX_DEPTH = 600;

/** Returns all changes, in the order of the keys of the older value. */
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

/** Returns the changes as one object. */
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
    const isGone = Array.isArray(value) && change.after === undefined;
    target.set(isGone ? `_${key}` : key, leafOf(change));
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
