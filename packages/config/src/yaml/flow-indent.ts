/** A text whose flow collections and quoted scalars are indented as strict YAML requires. */
export interface Indented {
  readonly text: string;
  /** Number of spaces added before each line (index 0 = line 1), to restore columns. */
  readonly added: readonly number[];
  /** A bracket or quote that the text never closes. */
  readonly unclosed: { readonly open: string; readonly line: number; readonly column: number } | undefined;
}

interface Open {
  readonly open: string;
  readonly line: number;
  readonly column: number;
}

/** The head of a block scalar: `|` or `>` with its modifiers, at the end of a line. */
const BLOCK_SCALAR = /(?:^|[\s:-])[|>][-+0-9]*\s*(?:#[^]*)?$/;

/**
 * YAML requires that the lines of a bracket or of a quoted text are indented more than the surrounding block. Go's
 * parser does not, and many existing files rely on this. White space has no meaning there, so such lines are moved to
 * the right.
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
 * Returns the bracket or quote to report. A quote that is never closed contains the rest of the text, including the
 * ends of the brackets around it.
 */
function culprit(stack: readonly Open[]): Open | undefined {
  const last = stack.at(-1);
  return last?.open === '"' || last?.open === "'" ? last : stack[0];
}

const CLOSING: Readonly<Record<string, string>> = { "[": "]", "{": "}" };

/**
 * Follows brackets and quotes through one line; `stack` contains the open ones. Returns the position of a comment right
 * after a closing quote, which Go's parser accepts as a comment, or -1.
 */
function scanLine(line: string, number: number, stack: Open[]): number {
  // True if a bracket or quote may start a token here. Within a plain scalar they are ordinary characters.
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

/** Reports whether a new token starts after the character at `at`. */
function startsToken(line: string, at: number, fresh: boolean, inFlow: boolean): boolean {
  const char = line[at]!;
  const next = line[at + 1];
  const ends = next === undefined || next === " " || next === "\t";
  if (char === ":" && (ends || inFlow)) return true;
  if (inFlow && char === ",") return true;
  if (fresh && (char === "-" || char === "?") && ends) return true;
  if (fresh && (char === "&" || char === "!")) return true;
  // After the characters of an anchor's or tag's name a token may still start.
  return fresh && /^[&!]\S*$/.test(line.slice(line.lastIndexOf(" ", at) + 1, at + 1));
}
