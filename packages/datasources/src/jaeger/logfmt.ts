/** A pair of logfmt: a key, and a value that may be in quotes. */
const PAIR = /(?<!\S)([^\s=]+)=(?:"((?:\\[^]|[^"\\])*)"|(\S*))/g;

/** Largest number of characters that are parsed. */
const MAX_CHARS = 10_000;

/**
 * Parses tags such as `http.status_code=500 error=true message="not found"`. Later values of a key replace earlier
 * ones.
 */
export function logfmtTags(text: string): Readonly<Record<string, string>> {
  const tags = new Map<string, string>();
  for (const [, key = "", quoted, plain = ""] of text.slice(0, MAX_CHARS).matchAll(PAIR))
    tags.set(key, quoted === undefined ? plain : quoted.replaceAll(/\\(["\\])/g, "$1"));
  return Object.fromEntries(tags);
}
