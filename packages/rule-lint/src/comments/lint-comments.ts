import type { SourceText } from "../places/scalar-offset.ts";

/** A comment that switches checks off: `# narthex-lint disable CHECK, CHECK: reason`. */
export interface LintComment {
  readonly line: number;
  readonly column: number;
  /** `disable` switches checks off for one rule, `disable-file` for all rules of the file. */
  readonly scope: "rule" | "file";
  readonly checks: readonly string[];
}

/** A comment that is not understood. */
export interface CommentProblem {
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly remedy: string;
}

const MARK = "narthex-lint";
const EXAMPLE = `write # ${MARK} disable CHECK: reason`;

/** Reads the comments about checks of a rule file. */
export function lintComments(
  source: SourceText,
  known: ReadonlySet<string>,
): { readonly comments: readonly LintComment[]; readonly problems: readonly CommentProblem[] } {
  const comments: LintComment[] = [];
  const problems: CommentProblem[] = [];
  if (!source.text.includes(MARK)) return { comments, problems };
  for (let line = 1; line <= source.lineCount; line++) {
    const text = source.line(line);
    const hash = text.lastIndexOf("#");
    const body = text.slice(hash + 1).trim();
    if (hash < 0 || !body.startsWith(MARK) || (text.slice(0, hash).trimEnd() === text.slice(0, hash) && hash > 0))
      continue;
    const read = readComment(body.slice(MARK.length).trim(), known);
    if ("message" in read) problems.push({ line, column: hash + 1, ...read });
    else comments.push({ line, column: hash + 1, ...read });
  }
  return { comments, problems };
}

function readComment(
  text: string,
  known: ReadonlySet<string>,
): Pick<LintComment, "checks" | "scope"> | Pick<CommentProblem, "message" | "remedy"> {
  const space = text.indexOf(" ");
  const word = space < 0 ? text : text.slice(0, space);
  if (word !== "disable" && word !== "disable-file")
    return { message: `the comment has the unknown word ${JSON.stringify(word)}`, remedy: EXAMPLE };
  const colon = text.indexOf(":");
  if (colon < 0 || text.slice(colon + 1).trim() === "")
    return { message: "the comment gives no reason for switching a check off", remedy: EXAMPLE };
  const checks = text
    .slice(word.length, colon)
    .split(",")
    .map((name) => name.trim());
  const unknown = checks.find((name) => !known.has(name));
  if (unknown !== undefined)
    return {
      message: `there is no check ${JSON.stringify(unknown)}`,
      remedy: `use one of ${[...known].join(", ")}`,
    };
  return { scope: word === "disable" ? "rule" : "file", checks };
}
