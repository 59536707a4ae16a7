import type { Position } from "../problem.ts";
import { YamlSyntaxError } from "./syntax-error.ts";

/** A place in the text; line and column count from 1, as people do. */
export interface Mark extends Position {
  readonly offset: number;
}

const NEXT_LINE = "\u0085";
const LINE_SEPARATOR = "\u2028";
const PARAGRAPH_SEPARATOR = "\u2029";

/** Is it a line's end as YAML 1.1 has them? The empty text, which stands for the end of everything, is none. */
export function isBreak(char: string): boolean {
  return (
    char === "\n" || char === "\r" || char === NEXT_LINE || char === LINE_SEPARATOR || char === PARAGRAPH_SEPARATOR
  );
}

/** A space or a tab. */
export function isBlank(char: string): boolean {
  return char === " " || char === "\t";
}

/** A space, a tab, a line's end or the end of the text. */
export function isBlankOrEnd(char: string): boolean {
  return char === "" || isBlank(char) || isBreak(char);
}

/** A line's end or the end of the text. */
export function isBreakOrEnd(char: string): boolean {
  return char === "" || isBreak(char);
}

/** What anchors and tag handles are made of. */
export function isWordCharacter(char: string): boolean {
  return /^[0-9A-Za-z_-]$/.test(char);
}

/** Walks through a text and knows where it is. */
export class Cursor {
  readonly text: string;
  #offset = 0;
  #line = 1;
  #column = 1;

  constructor(text: string) {
    this.text = text;
  }

  get offset(): number {
    return this.#offset;
  }

  get line(): number {
    return this.#line;
  }

  get column(): number {
    return this.#column;
  }

  get ended(): boolean {
    return this.#offset >= this.text.length;
  }

  mark(): Mark {
    return { offset: this.#offset, line: this.#line, column: this.#column };
  }

  /** The character `ahead` places on, "" behind the end. */
  peek(ahead = 0): string {
    return this.text.charAt(this.#offset + ahead);
  }

  /** Moves on within the line and gives what was passed. */
  take(count = 1): string {
    const start = this.#offset;
    for (let i = 0; i < count; i++) {
      const code = this.text.charCodeAt(this.#offset++);
      // The second half of a character beyond 16 bits takes no column.
      if (code < 0xdc00 || code > 0xdfff) this.#column++;
    }
    return this.text.slice(start, this.#offset);
  }

  /** Passes a line's end and gives it as a text keeps it: a line feed, or one of Unicode's separators. */
  takeBreak(): string {
    const char = this.peek();
    this.#offset += char === "\r" && this.peek(1) === "\n" ? 2 : 1;
    this.#line++;
    this.#column = 1;
    return char === LINE_SEPARATOR || char === PARAGRAPH_SEPARATOR ? char : "\n";
  }

  skipBlanks(): void {
    while (isBlank(this.peek())) this.take();
  }

  /** Passes a comment, if one begins here; its line's end stays. */
  skipComment(): void {
    if (this.peek() !== "#") return;
    while (!isBreakOrEnd(this.peek())) this.take();
  }

  /** Does a line of `---` or `...` begin here? */
  atDocumentIndicator(): boolean {
    if (this.#column !== 1) return false;
    const three = this.text.slice(this.#offset, this.#offset + 3);
    return (three === "---" || three === "...") && isBlankOrEnd(this.peek(3));
  }

  /** Refuses the text here. */
  fail(message: string, mend: string, at: Position = this.mark()): never {
    throw new YamlSyntaxError(at, message, mend);
  }
}
