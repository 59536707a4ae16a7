import { compileUserPattern } from "../pattern/user-pattern.ts";
import type { Options } from "./options.ts";

/** Function that extracts named values from a text. Returns undefined if the text does not have the expected format. */
export type Extractor = (text: string) => Iterable<readonly [string, unknown]> | undefined;

function json(text: string): [string, unknown][] | undefined {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === "object" && value !== null ? Object.entries(value) : undefined;
  } catch {
    return undefined;
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * Matches the tokens of `a=b, c: "d e"`: words, quoted texts, and separators between names and values. No character is
 * read twice.
 */
const word = /"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([:=])|((?:[^\s,;&{}:="'\\]|\\.)+)/g;

function pairs(text: string): [string, unknown][] {
  const found = new Map<string, string>();
  let name: string | undefined;
  let hasSign = false;
  for (const match of text.matchAll(word)) {
    if (match[3] !== undefined) {
      hasSign = name !== undefined;
      continue;
    }
    const value = (match[1] ?? match[2] ?? match[4] ?? "").replaceAll(/\\(.)/g, "$1");
    if (name !== undefined && hasSign) {
      found.set(name, value);
      name = undefined;
    } else {
      if (name !== undefined) found.set(name, "");
      name = value;
    }
    hasSign = false;
  }
  if (name !== undefined && !found.has(name)) found.set(name, "");
  return [...found];
}

const delimited =
  (delimiter: string): Extractor =>
  (text) =>
    text
      .trim()
      .split(delimiter)
      .map((part): [string, unknown] => [part.trim(), 1]);

function byPattern(regExp: string | undefined): Extractor {
  const isWritten = regExp?.startsWith("/") === true;
  const pattern = isWritten ? compileUserPattern(regExp) : undefined;
  return (text) => {
    // A text without slashes is no regular expression. The result is then the first line of the value.
    if (!isWritten) return [["NewField", text.split("\n", 1)[0]]];
    const match = pattern?.match(text);
    return match === undefined || match.named.size === 0 ? undefined : match.named;
  };
}

/**
 * Returns the extractor for a format: `json`, `kvp`, `delimiter`, `regexp`. For any other format name, the extractor
 * tries all formats and uses the first format that fits the text.
 */
export function extractorOf(options: Options): Extractor {
  const delimiter = options.text("delimiter") ?? ",";
  switch (options.text("format") ?? "auto") {
    case "json":
      return json;
    case "kvp":
      return pairs;
    case "delimiter":
      return delimited(delimiter);
    case "regexp":
      return byPattern(options.text("regExp"));
    default:
      return (text) => json(text) ?? (isJson(text) ? [] : pairs(text));
  }
}

/** Returns the keys of a path such as `a.b[0]["c.d"]`. */
export function pathKeys(path: string): string[] {
  const keys: string[] = [];
  let at = 0;
  while (at < path.length) {
    const isBracket = path[at] === "[";
    const end = isBracket ? path.indexOf("]", at) : nextOf(path, at);
    // Ignores the rest of the path if a bracket in it is not closed.
    if (end < 0) break;
    const key = path.slice(isBracket ? at + 1 : at, end);
    if (isBracket || key !== "") keys.push(isBracket ? key.replace(/^["']/, "").replace(/["']$/, "") : key);
    at = end + (isBracket || path[end] === "." ? 1 : 0);
  }
  return keys;
}

/** Returns the index at which a key without brackets ends: at the next dot or bracket. */
function nextOf(path: string, from: number): number {
  let at = from;
  while (at < path.length && path[at] !== "." && path[at] !== "[") at++;
  return at;
}
