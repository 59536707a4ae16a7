import { type Cursor, isBlank, isBreak, isBreakOrEnd } from "./cursor.ts";
import type { Token } from "./token.ts";

/** What stands behind `|` or `>`: how line ends at the end are kept, and an indentation that is said. */
interface Header {
  readonly chomping: "" | "+" | "-";
  /** 0 where it is found out from the first line. */
  readonly increment: number;
}

/** A literal (`|`) or folded (`>`) text; `outer` is the column (from 1) of the block around it, 0 at the top. */
export function scanBlockScalar(cursor: Cursor, outer: number): Token {
  const at = cursor.mark();
  const literal = cursor.take() === "|";
  const { chomping, increment } = scanHeader(cursor);
  cursor.skipBlanks();
  cursor.skipComment();
  if (!isBreakOrEnd(cursor.peek())) {
    cursor.fail("did not find expected comment or line break", "begin the text on the next line");
  }
  if (!cursor.ended) cursor.takeBreak();
  let indent = increment === 0 ? 0 : Math.max(outer, 1) + increment;
  let trailing: string;
  [indent, trailing] = skipEmptyLines(cursor, indent, outer);
  let text = "";
  let lineBreak = "";
  let blankBefore = false;
  while (cursor.column === indent && !cursor.ended) {
    const blankHere = isBlank(cursor.peek());
    const folds = !literal && !blankBefore && !blankHere && lineBreak === "\n";
    text += folds ? (trailing === "" ? " " : "") : lineBreak;
    text += trailing;
    blankBefore = blankHere;
    while (!isBreakOrEnd(cursor.peek())) text += cursor.take();
    lineBreak = cursor.ended ? "" : cursor.takeBreak();
    [indent, trailing] = skipEmptyLines(cursor, indent, outer);
  }
  if (chomping !== "-") text += lineBreak;
  if (chomping === "+") text += trailing;
  return { kind: "scalar", at, end: cursor.mark(), text, suffix: "", plain: false };
}

function scanHeader(cursor: Cursor): Header {
  let chomping: Header["chomping"] = "";
  let increment = 0;
  for (let i = 0; i < 2; i++) {
    const char = cursor.peek();
    if (chomping === "" && (char === "+" || char === "-")) {
      chomping = char;
      cursor.take();
    } else if (increment === 0 && /^[0-9]$/.test(char)) {
      if (char === "0") cursor.fail("found an indentation indicator equal to 0", "write a number from 1 to 9");
      increment = Number(cursor.take());
    }
  }
  return { chomping, increment };
}

/** Passes lines with nothing but spaces; finds out the text's column where it is not known yet (0). */
function skipEmptyLines(cursor: Cursor, indent: number, outer: number): [indent: number, breaks: string] {
  let breaks = "";
  let deepest = 0;
  const within = (): boolean => indent === 0 || cursor.column < indent;
  for (;;) {
    while (within() && cursor.peek() === " ") cursor.take();
    deepest = Math.max(deepest, cursor.column);
    if (within() && cursor.peek() === "\t") {
      const message = "found a tab character where an indentation space is expected";
      cursor.fail(message, "indent with spaces: a tab stands here");
    }
    if (!isBreak(cursor.peek())) break;
    breaks += cursor.takeBreak();
  }
  return [indent === 0 ? Math.max(deepest, outer + 1, 2) : indent, breaks];
}
