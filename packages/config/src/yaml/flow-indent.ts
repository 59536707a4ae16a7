/** A YAML text after lines within brackets and quotes were indented as strict YAML requires. */
export interface Indented {
  readonly text: string;
  /**
   * Number of spaces that were added before each line, by line (index 0 is line 1), from which original columns are
   * computed.
   */
  readonly added: readonly number[];
  /** A bracket or quote that is never closed in the text. */
  readonly unclosed: { readonly open: string; readonly line: number; readonly column: number } | undefined;
}

interface Open {
  readonly open: string;
  readonly line: number;
  readonly column: number;
}

/** Matches the end of a line that starts a multi-line text: `|` or `>` with its modifiers. */
const BLOCK_SCALAR = /(?:^|[\s:-])[|>][-+0-9]*\s*(?:#[^]*)?$/;

/**
 * Indents lines within brackets and quoted texts. YAML requires that such lines are indented more than the surrounding
 * block. Go's parser accepts less indentation, and many existing files rely on this. Within brackets and quotes, the
 * added white space has no meaning.
 */
export function indentFlow(source: string): Indented {
  const lines = source.split("\n");
  const added: number[] = [];
  const stack: Open[] = [];
  let blockIndent = -1;
  const out = lines.map((line, index) => {
    const indent = line.length - line.trimStart().length;
    if (blockIndent >= 0) {
      if (line.trim() === "" || indent > blockIndent) {
        added.push(0);
        return line;
      }
      blockIndent = -1;
    }
    const first = stack[0];
    const missing = first === undefined || line.trim() === "" ? 0 : Math.max(0, first.column - indent);
    added.push(missing);
    const comment = scanLine(line, index + 1, stack);
    if (stack.length === 0 && BLOCK_SCALAR.test(line)) blockIndent = indent;
    const spaced = comment === -1 ? line : `${line.slice(0, comment)} ${line.slice(comment)}`;
    return " ".repeat(missing) + spaced;
  });
  return { text: out.join("\n"), added, unclosed: culprit(stack) };
}

/**
 * Returns the unclosed bracket or quote for the error message. An unclosed quote is preferred, because all closing
 * brackets after it are part of the quoted text.
 */
function culprit(stack: readonly Open[]): Open | undefined {
  const last = stack.at(-1);
  return last?.open === '"' || last?.open === "'" ? last : stack[0];
}

const CLOSING: Readonly<Record<string, string>> = { "[": "]", "{": "}" };

/**
 * Processes the brackets and quotes of one line, and updates `stack`, the list of open ones. Returns the position of a
 * comment directly after a closing quote, which Go's parser accepts, or -1.
 */
function scanLine(line: string, number: number, stack: Open[]): number {
  // True if a bracket or quote may start a token at this position. Within a plain scalar brackets and quotes are
  // ordinary characters.
  let fresh = true;
  for (let i = 0; i < line.length; i++) {
    const char = line[i]!;
    const top = stack.at(-1)?.open;
    if (top === '"' || top === "'") {
      if (char === "\\" && top === '"') i++;
      else if (char === top && top === "'" && line[i + 1] === "'") i++;
      else if (char === top) {
        stack.pop();
        if (line[i + 1] === "#") return i + 1;
      }
      fresh = false;
      continue;
    }
    if (char === " " || char === "\t") continue;
    const spaced = i === 0 || line[i - 1] === " " || line[i - 1] === "\t";
    if (char === "#" && spaced) return -1;
    const inFlow = top !== undefined;
    if (inFlow && char === CLOSING[top]) {
      stack.pop();
      fresh = false;
    } else if (fresh && "[{\"'".includes(char)) {
      stack.push({ open: char, line: number, column: i + 1 });
      fresh = char === "[" || char === "{";
    } else fresh = startsToken(line, i, fresh, inFlow);
  }
  return -1;
}

/** Reports whether a new YAML token starts after the character at `at`. */
function startsToken(line: string, at: number, fresh: boolean, inFlow: boolean): boolean {
  const char = line[at]!;
  const next = line[at + 1];
  const ends = next === undefined || next === " " || next === "\t";
  if (char === ":" && (ends || inFlow)) return true;
  if (inFlow && char === ",") return true;
  if (fresh && (char === "-" || char === "?") && ends) return true;
  if (fresh && (char === "&" || char === "!")) return true;
  // A token also starts after the name of an anchor or tag.
  return fresh && /^[&!]\S*$/.test(line.slice(line.lastIndexOf(" ", at) + 1, at + 1));
}
