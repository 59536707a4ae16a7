import type { SourceFile } from "./sources.ts";

const FILE_LINES = 600;
const FUNCTION_LINES = 70;

/** Matches the first line of a named function, a method, or an arrow function that is assigned to a constant. */
const OPENING =
  /^(\s*)(?:export )?(?:default )?(?:async )?(?:function\*? (\w+)|(?:static |private |override |readonly )*(?:async )?\*?(#?\w+)\([^;]*\)(?:: [^;{]+)? \{$|const (\w+)(?:: [^=]+)? = (?:async )?(?:\([^;]*|\w+)(?: =>|$))/;
const KEYWORDS = new Set(["if", "for", "while", "switch", "catch", "return"]);

/**
 * Returns files with more than 600 lines and functions with more than 70 lines, as `path:line sentence`. The sources
 * are formatted, so a function ends at the next closing bracket with the indent of its first line.
 */
export function sizeProblems(file: SourceFile): string[] {
  const problems: string[] = [];
  if (file.lines.length > FILE_LINES)
    problems.push(`${file.path} has ${file.lines.length} lines; is it still one idea? (limit ${FILE_LINES})`);
  if (file.isTest || file.path.endsWith(".tsx")) return problems;
  file.lines.forEach((line, start) => {
    const match = OPENING.exec(line);
    const name = match?.[2] ?? match?.[3] ?? match?.[4];
    if (match === null || name === undefined || KEYWORDS.has(name)) return;
    const indent = match[1]!;
    const end = file.lines.findIndex(
      (other, i) =>
        i > start && other.startsWith(indent) && /^[})\]]/.test(other.slice(indent.length)) && !other.endsWith("{"),
    );
    const length = end === -1 ? 0 : end - start + 1;
    if (length > FUNCTION_LINES)
      problems.push(`${file.path}:${start + 1} ${name}() has ${length} lines (limit ${FUNCTION_LINES})`);
  });
  return problems;
}
