/** Reports a problem of a manifest by throwing an error. */
export type Fail = (problem: string) => never;

type Json = Readonly<Record<string, unknown>>;

/** Returns a text of a manifest. An absent text is a problem unless there is a default. */
export function textAt(json: Json, key: string, fail: Fail, initial?: string): string {
  const value = Object.hasOwn(json, key) ? json[key] : initial;
  if (typeof value === "string" && (value !== "" || initial !== undefined)) return value;
  return fail(value === undefined ? `"${key}" is missing` : `"${key}" must be a text that is not empty`);
}

/** Returns a list of a manifest; an absent list is empty. */
export function listAt(json: Json, key: string, fail: Fail): readonly unknown[] {
  const value = Object.hasOwn(json, key) ? json[key] : [];
  return Array.isArray(value) ? (value as unknown[]) : fail(`"${key}" must be a list`);
}

/** Returns a truth value of a manifest; false if absent. */
export function booleanAt(json: Json, key: string, fail: Fail): boolean {
  const value = Object.hasOwn(json, key) ? json[key] : false;
  return typeof value === "boolean" ? value : fail(`"${key}" must be true or false`);
}
