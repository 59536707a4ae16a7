import jmespath from "jmespath";
import { SettingsError } from "../../settings/load-settings.ts";

/** Data of an account from its provider: the claims of a token, or a response of the provider's API. */
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

/**
 * Evaluates a JMESPath expression on claims. Returns undefined for an empty path, or if the claims contain no such
 * value.
 */
function valueIn(claims: Claims, path: string): unknown {
  if (path === "") return undefined;
  try {
    return jmespath.search(claims, path);
  } catch {
    // Returns no result if the expression calls a function that does not accept the type of the account's data.
    return undefined;
  }
}

/** Returns the text that a JMESPath expression finds; empty if it finds none. */
export function textIn(claims: Claims, path: string): string {
  const value = valueIn(claims, path);
  return typeof value === "string" ? value.trim() : "";
}

/** Returns the list of texts that a JMESPath expression finds; empty if it finds none. Numbers become texts. */
export function textsIn(claims: Claims, path: string): readonly string[] {
  return textsOf(valueIn(claims, path));
}

/** Returns the texts and numbers in a list, as texts. A single text becomes a list. */
export function textsOf(value: unknown): readonly string[] {
  if (typeof value === "string") return value === "" ? [] : [value];
  if (!Array.isArray(value)) return [];
  return value.flatMap((one) => (typeof one === "string" || typeof one === "number" ? [String(one)] : []));
}

/**
 * Returns the first of the named claims that is a text or a number, as text. Returns an empty text if all are missing.
 */
export function claimOf(claims: Claims, ...names: readonly string[]): string {
  for (const name of names) {
    const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
    if (typeof value === "string" && value !== "") return value;
    if (typeof value === "number") return String(value);
  }
  return "";
}
