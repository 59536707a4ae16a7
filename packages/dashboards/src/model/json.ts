/** A JSON object that may be changed, because its owner has a separate copy of it. */
export type MutableJson = { [key: string]: unknown };

/**
 * Limits for the depth and size of a copy of JSON; values beyond them are left out. A dashboard of 10,000 panels has
 * about a million values.
 */
export interface JsonLimits {
  readonly depth: number;
  readonly values: number;
}

const LIMITS: JsonLimits = { depth: 64, values: 5_000_000 };

/** The reason why a value is missing from a copy. */
export type JsonLoss = "too deep" | "too many values" | "key" | "not JSON";

/** Key that must not be assigned to an object, because the assignment would set the object's prototype. */
const PROTOTYPE_KEY = "__proto__";

export function isObject(value: unknown): value is MutableJson {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Returns the value under an object's own key. Inherited properties, such as `constructor` and `toString`, count as
 * absent.
 */
export function ownValue(object: Readonly<MutableJson>, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** Returns the value at a path of keys and indices, or undefined. */
export function valueAtPath(json: unknown, path: readonly (string | number)[]): unknown {
  let at = json;
  for (const key of path) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, key)) return undefined;
    at = (at as Readonly<Record<string | number, unknown>>)[key];
  }
  return at;
}

/** Returns the object under a key, or undefined for anything else. */
export function objectAt(object: Readonly<MutableJson>, key: string): MutableJson | undefined {
  const value = ownValue(object, key);
  return isObject(value) ? value : undefined;
}

/** Returns the objects in the list under a key. Empty if the value is not a list. */
export function objectsAt(object: Readonly<MutableJson>, key: string): MutableJson[] {
  return listAt(object, key).filter(isObject);
}

export function listAt(object: Readonly<MutableJson>, key: string): unknown[] {
  const value = ownValue(object, key);
  return Array.isArray(value) ? value : [];
}

/** Returns the text under a key; empty for anything else. */
export function textAt(object: Readonly<MutableJson>, key: string): string {
  const value = ownValue(object, key);
  return typeof value === "string" ? value : "";
}

/** Returns the value as a finite number, or undefined. Accepts numbers in text, which old dashboards contain. */
export function numberOf(value: unknown): number | undefined {
  if (typeof value === "number") return Number.isFinite(value) ? value : undefined;
  if (typeof value !== "string" || value.trim() === "" || value.length > 64) return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}

/** Returns a new object without the keys whose value is undefined or null. */
export function withoutAbsent(object: MutableJson): MutableJson {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined && value !== null));
}

/**
 * Returns a deep copy that is plain JSON. Leaves out functions, cycles (by depth), `__proto__` keys and values beyond
 * the limits, and reports each path to `onLoss`.
 */
export function copyJson(
  value: unknown,
  onLoss: (path: string, loss: JsonLoss) => void = () => undefined,
  limits: JsonLimits = LIMITS,
): unknown {
  let left = limits.values;
  const trail: (string | number)[] = [];
  const lose = (loss: JsonLoss): undefined => {
    onLoss(
      trail.reduce<string>((path, step) => joinStep(path, step), ""),
      loss,
    );
    return undefined;
  };
  const copyAt = (step: string | number, from: unknown): unknown => {
    trail.push(step);
    const item = copy(from);
    trail.pop();
    return item;
  };
  const copy = (from: unknown): unknown => {
    if (left-- <= 0) return left === -1 ? lose("too many values") : undefined;
    if (from === null || typeof from === "string" || typeof from === "boolean") return from;
    if (typeof from === "number") return Number.isFinite(from) ? from : null;
    if (typeof from !== "object") return from === undefined ? undefined : lose("not JSON");
    if (trail.length >= limits.depth) return lose("too deep");
    if (Array.isArray(from)) return from.map((item, i) => copyAt(i, item) ?? null);
    const to: MutableJson = {};
    for (const key of Object.keys(from)) {
      if (key === PROTOTYPE_KEY) {
        trail.push(key);
        lose("key");
        trail.pop();
        continue;
      }
      const item = copyAt(key, (from as MutableJson)[key]);
      if (item !== undefined) to[key] = item;
    }
    return to;
  };
  return copy(value);
}

function joinStep(path: string, step: string | number): string {
  return typeof step === "number" ? `${path}[${step}]` : joinPath(path, step);
}

/** Appends a key to a path: `panels[3]` and `title` give `panels[3].title`. */
export function joinPath(path: string, key: string): string {
  const name = key.length > 80 ? `${key.slice(0, 80)}…` : key;
  const isPlain = /^[\w$-]+$/.test(name);
  if (!isPlain) return `${path}[${JSON.stringify(name)}]`;
  return path === "" ? name : `${path}.${name}`;
}

/** Reports whether two JSON values are equal, whatever the order of their keys. */
export function isSameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a))
    return Array.isArray(b) && a.length === b.length && a.every((item, i) => isSameJson(item, b[i]));
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && isSameJson(a[key], b[key]))
  );
}
