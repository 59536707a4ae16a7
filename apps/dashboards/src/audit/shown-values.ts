import { isObject } from "../web/request-body.ts";
import type { ShownValue } from "./audit-record.ts";

/** Returns the part of a property's value that the audit log may show; undefined if it may show nothing. */
export type View = (value: unknown) => ShownValue | undefined;

/** Maximum length of a shown text in characters, and of a shown list. */
const [MAX_TEXT, MAX_LIST] = [300, 50];

const clipped = (text: string): string => (text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text);

/** Shows texts, numbers, booleans and lists of these. Objects are hidden, because their properties are unknown. */
export const plain: View = (value) => {
  if (typeof value === "string") return clipped(value);
  if (typeof value === "number" || typeof value === "boolean") return value;
  if (!Array.isArray(value)) return undefined;
  return listOf(value, (one) => (Array.isArray(one) ? undefined : plain(one)));
};

/** Returns a table in which the values of the named properties are shown unchanged. */
export const plains = (...names: readonly string[]): Readonly<Record<string, View>> =>
  Object.fromEntries(names.map((name) => [name, plain]));

/** Shows a list of objects, but only the named properties of each object. */
export const objectsWith =
  (names: readonly string[]): View =>
  (value) =>
    Array.isArray(value) ? listOf(value, objectWith(names)) : undefined;

/** Shows the named properties of an object. */
export const objectWith =
  (names: readonly string[]): View =>
  (value) => {
    if (!isObject(value)) return undefined;
    const shown = names.flatMap((name): [string, ShownValue][] => {
      const part = Object.hasOwn(value, name) ? plain(value[name]) : undefined;
      return part === undefined ? [] : [[name, part]];
    });
    return Object.fromEntries(shown);
  };

/** Shows scheme, host and port of a URL. Other parts may contain secrets. */
export const origin: View = (value) => {
  if (typeof value !== "string") return undefined;
  const url = URL.parse(value);
  return url === null || url.host === "" ? undefined : `${url.protocol}//${url.host}`;
};

/** Shows a time in Unix ms as text; 0 as 0. */
export const time: View = (value) => {
  if (typeof value !== "number" || !Number.isFinite(value) || Math.abs(value) > 8.64e15) return undefined;
  return value === 0 ? 0 : new Date(value).toISOString();
};

function listOf(values: readonly unknown[], view: View): ShownValue | undefined {
  const shown: ShownValue[] = [];
  for (const value of values.slice(0, MAX_LIST)) {
    const part = view(value);
    if (part === undefined) return undefined;
    shown.push(part);
  }
  return values.length > MAX_LIST ? [...shown, `… ${values.length - MAX_LIST} more`] : shown;
}
