import { isUtf8 } from "node:buffer";
import { readdir, readFile, stat } from "node:fs/promises";
import { posix } from "node:path";

/** Access to the configuration files. Tests use a record instead of the disk. */
export interface ConfigFiles {
  /** Returns the text of a file. Rejects with Prometheus' message (`open X: no such file or directory`). */
  read(path: string): Promise<string>;
  /** Returns the names of the entries in a folder, or an empty list if the folder does not exist. */
  list(folder: string): Promise<readonly string[]>;
  exists(path: string): Promise<boolean>;
}

/** Thrown if a file cannot be read, with Go's message. */
export class SourceError extends Error {
  override readonly name = "SourceError";
  /** Number of the invalid line, starting at 1, or 0 if the file could not be opened. */
  readonly line: number;

  constructor(message: string, options: ErrorOptions & { readonly line?: number } = {}) {
    super(message, options);
    this.line = options.line ?? 0;
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "no such file or directory",
  EACCES: "permission denied",
  EISDIR: "is a directory",
  ENOTDIR: "not a directory",
};

export const diskFiles: ConfigFiles = {
  async read(path) {
    try {
      return decodeText(await readFile(path));
    } catch (cause) {
      if (cause instanceof SourceError) throw cause;
      const code = (cause as NodeJS.ErrnoException).code ?? "";
      const verb = code === "EISDIR" ? "read" : "open";
      throw new SourceError(`${verb} ${path}: ${REASONS[code] ?? String(cause)}`, { cause });
    }
  },
  async list(folder) {
    try {
      return await readdir(folder === "" ? "." : folder);
    } catch {
      return [];
    }
  },
  async exists(path) {
    try {
      await stat(path);
      return true;
    } catch {
      return false;
    }
  },
};

/**
 * Decodes a file's text: UTF-16 if the file begins with a UTF-16 byte order mark, otherwise UTF-8. Throws SourceError
 * with the number of the invalid line.
 */
function decodeText(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  if (isUtf8(bytes)) return bytes.toString("utf8");
  let line = 1;
  let start = 0;
  for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, start)) {
    if (!isUtf8(bytes.subarray(start, end))) break;
    line++;
    start = end + 1;
  }
  throw new SourceError("yaml: invalid UTF-8; save the file as UTF-8", { line });
}

/** Reports whether the path contains special characters of a glob. */
export const isGlob = (path: string): boolean => /[*?[]/.test(path);

/** Matches a bracket expression of a glob that contains no escapes. */
const BRACKET = /\[\^?(?:[^\]\\-](?:-[^\]\\-])?)+\]/y;

/** Reports whether a pattern is invalid, because a bracket is not closed or a backslash is at the end. */
export function isBadPattern(pattern: string): boolean {
  const rest = pattern.replaceAll(/\\[^]/g, "x");
  for (let at = rest.indexOf("["); at >= 0; at = rest.indexOf("[", BRACKET.lastIndex)) {
    BRACKET.lastIndex = at;
    if (!BRACKET.test(rest)) return true;
  }
  return rest.endsWith("\\");
}

/**
 * Returns the sorted paths that match a pattern of Go's filepath.Glob (`*`, `?`, `[…]` within a segment). No match is
 * not an error.
 */
export async function glob(pattern: string, files: ConfigFiles): Promise<string[]> {
  if (pattern === "") return [];
  if (!isGlob(pattern)) return (await files.exists(pattern)) ? [pattern] : [];
  const { dir, base } = posix.parse(pattern);
  const folders = isGlob(dir) ? await glob(dir, files) : [dir];
  if (!isGlob(base)) {
    const paths = folders.map((folder) => posix.join(folder, base));
    const there = await Promise.all(paths.map((path) => files.exists(path)));
    return paths.filter((_, i) => there[i]);
  }
  const found: string[] = [];
  for (const folder of folders) {
    const names = await files.list(folder);
    for (const name of names.toSorted()) {
      if (matchesSegment(base, name)) found.push(folder === "" ? name : posix.join(folder, name));
    }
  }
  return found;
}

/** Reports whether one name matches one segment of a glob. As in Go, `*` matches a leading dot. */
function matchesSegment(pattern: string, name: string): boolean {
  let inPattern = 0;
  let inName = 0;
  // If a character does not match, the last star matches one more character of the name. Earlier stars are not tried
  // again, so the work is at most the product of both lengths.
  let afterStar = -1;
  let takenByStar = 0;
  while (inPattern < pattern.length || inName < name.length) {
    if (pattern[inPattern] === "*") {
      afterStar = ++inPattern;
      takenByStar = inName;
      continue;
    }
    const next = inName < name.length ? afterElement(pattern, inPattern, name[inName]!) : -1;
    if (next >= 0) {
      inPattern = next;
      inName++;
    } else if (afterStar >= 0 && takenByStar < name.length) {
      inPattern = afterStar;
      inName = ++takenByStar;
    } else {
      return false;
    }
  }
  return true;
}

/** Returns the position after an element of a glob pattern if the element matches the letter, otherwise -1. */
function afterElement(pattern: string, at: number, letter: string): number {
  const head = pattern[at];
  if (head === "[") return afterClass(pattern, at, letter);
  if (head === "\\" && at + 1 < pattern.length) return pattern[at + 1] === letter ? at + 2 : -1;
  return head === "?" || head === letter ? at + 1 : -1;
}

/**
 * If the bracket expression of a glob at `at` matches the letter, returns the position after it, otherwise -1. A
 * bracket that is not closed matches nothing.
 */
function afterClass(pattern: string, at: number, letter: string): number {
  const end = pattern.indexOf("]", at + 2);
  if (end === -1) return -1;
  const negated = pattern[at + 1] === "^";
  const chars = pattern.slice(negated ? at + 2 : at + 1, end);
  let inside = false;
  for (let i = 0; i < chars.length; i++) {
    const low = chars[i]!;
    const high = chars[i + 1] === "-" && i + 2 < chars.length ? chars[i + 2]! : low;
    if (high !== low) i += 2;
    if (letter >= low && letter <= high) inside = true;
  }
  return inside === negated ? -1 : end + 1;
}
