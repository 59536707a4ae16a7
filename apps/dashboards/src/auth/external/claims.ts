import jmespath from "jmespath";
import { SettingsError } from "../../settings/load-settings.ts";

/** The data of an account at its provider: the claims of a token, or an answer of the provider's API. */
export type Claims = Readonly<Record<string, unknown>>;

/** The compile() function exists in jmespath, but not in its type declarations. */
const parser = jmespath as unknown as { compile(path: string): unknown };

/** Throws SettingsError if a setting is not a JMESPath expression. An empty text is valid. */
export function checkPath(setting: string, path: string): void {
  if (path === "") return;
  try {
    parser.compile(path);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SettingsError(`${setting}: ${JSON.stringify(path)} is not JMESPath: ${reason}`, { cause });
  }
}

/** Returns the value of a JMESPath expression. Returns undefined for an empty path, or if the path fits no data. */
function valueIn(claims: Claims, path: string): unknown {
  if (path === "") return undefined;
  try {
    return jmespath.search(claims, path);
  } catch {
    // Empty result: the expression calls a function that does not accept the type of this account's data.
    return undefined;
  }
}

/** Returns the text at a JMESPath; empty without one. */
export function textIn(claims: Claims, path: string): string {
  const value = valueIn(claims, path);
  return typeof value === "string" ? value.trim() : "";
}

/** Returns the list of texts at a JMESPath; empty without one. Numbers become texts. */
export function textsIn(claims: Claims, path: string): readonly string[] {
  return textsOf(valueIn(claims, path));
}

/** Returns the texts and numbers in a list, as texts. A single text becomes a list. */
export function textsOf(value: unknown): readonly string[] {
  if (typeof value === "string") return value === "" ? [] : [value];
  if (!Array.isArray(value)) return [];
  return value.flatMap((one) => (typeof one === "string" || typeof one === "number" ? [String(one)] : []));
}

/** Returns the first claim of these names that is a text or a number, as text; empty without one. */
export function claimOf(claims: Claims, ...names: readonly string[]): string {
  for (const name of names) {
    const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
    if (typeof value === "string" && value !== "") return value;
    if (typeof value === "number") return String(value);
  }
  return "";
}
