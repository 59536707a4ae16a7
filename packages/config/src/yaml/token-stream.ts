import { scanBlockScalar } from "./block-scalar.ts";
import { type Cursor, isBlank, isBlankOrEnd, isBreak, type Mark } from "./cursor.ts";
import { scanPlain, scanQuoted } from "./flow-scalars.ts";
import { scanAnchor, scanDirective, scanTag } from "./names.ts";
import { bare, type Token, type TokenKind } from "./token.ts";

/** A place where a `key:` without `?` may have begun; its colon has to follow on the same line. */
interface KeyPlace {
  /** How many tokens came before it. */
  readonly token: number;
  readonly at: Mark;
  /** Only a key can stand at this column. */
  readonly required: boolean;
}

/** How far off its colon may be. */
const LONGEST_KEY = 1024;
/** Brackets and blocks may stand within each other this deep. */
const DEEPEST = 1000;

/** The tokens of a text, as YAML 1.1 has them: brackets count in flow, columns in blocks. Throws YamlSyntaxError. */
export class TokenStream {
  readonly #cursor: Cursor;
  readonly #queue: Token[] = [];
  #taken = 0;
  /** Columns of the open blocks, from 1; empty at the top. */
  readonly #indents: number[] = [];
  /** The key place of each level of brackets, the block's first. */
  readonly #places: (KeyPlace | undefined)[] = [undefined];
  /** May a key without `?` begin here? */
  #keyAllowed = true;
  #ended = false;
  #lastLine = 0;

  constructor(cursor: Cursor) {
    this.#cursor = cursor;
  }

  /** The next token; behind the last it stays `end`. */
  peek(): Token {
    while (this.#queue.length === 0 || this.#awaitsColon()) this.#scan();
    return this.#queue[0]!;
  }

  take(): Token {
    const token = this.peek();
    if (token.kind !== "end") {
      this.#queue.shift();
      if (token.kind !== "block-end") this.#lastLine = token.end.line;
      this.#taken++;
    }
    return token;
  }

  /** Does the next token begin its line? */
  get beginsLine(): boolean {
    return this.peek().at.line > this.#lastLine;
  }

  /** May the next token turn out to begin a key? */
  #awaitsColon(): boolean {
    if (this.#ended) return false;
    for (const [level, place] of this.#places.entries()) {
      if (place?.token === this.#taken) return this.#stillPossible(level);
    }
    return false;
  }

  /** Column of the innermost block, 0 at the top. */
  get #indent(): number {
    return this.#indents.at(-1) ?? 0;
  }

  get #inFlow(): boolean {
    return this.#places.length > 1;
  }

  #add(kind: TokenKind, length: number): void {
    const at = this.#cursor.mark();
    this.#cursor.take(length);
    this.#queue.push(bare(kind, at, this.#cursor.mark()));
  }

  #scan(): void {
    const cursor = this.#cursor;
    this.#skipWhite();
    this.#closeBlocks(cursor.column);
    if (cursor.ended) return this.#end();
    const char = cursor.peek();
    if (cursor.column === 1 && char === "%") return this.#directive();
    if (cursor.atDocumentIndicator()) return this.#documentIndicator(char);
    const alone = isBlankOrEnd(cursor.peek(1));
    if (char === "[" || char === "{") return this.#open(char);
    if (char === "]" || char === "}") return this.#close(char);
    if (char === ",") return this.#comma();
    if (char === "-" && alone) return this.#dash();
    if (char === "?" && (this.#inFlow || alone)) return this.#questionMark();
    if (char === ":" && (this.#inFlow || alone)) return this.#colon();
    if (char === "*" || char === "&") return this.#property(scanAnchor);
    if (char === "!") return this.#property(scanTag);
    if ((char === "|" || char === ">") && !this.#inFlow) return this.#blockScalar();
    if (char === "'" || char === '"') return this.#property(scanQuoted);
    if (this.#beginsPlain(char)) return this.#plainScalar();
    cursor.fail("found character that cannot start any token", startMend(char));
  }

  #beginsPlain(char: string): boolean {
    if (char === "-") return !isBlank(this.#cursor.peek(1));
    if (char === "?" || char === ":") return !this.#inFlow && !isBlankOrEnd(this.#cursor.peek(1));
    return !isBlankOrEnd(char) && !",[]{}#&*!|>'\"%@`".includes(char);
  }

  #skipWhite(): void {
    const cursor = this.#cursor;
    for (;;) {
      while (cursor.peek() === " " || (cursor.peek() === "\t" && (this.#inFlow || !this.#keyAllowed))) cursor.take();
      cursor.skipComment();
      if (!isBreak(cursor.peek())) return;
      cursor.takeBreak();
      if (!this.#inFlow) this.#keyAllowed = true;
    }
  }

  #stillPossible(level: number): boolean {
    const place = this.#places[level];
    if (place === undefined) return false;
    const { line, offset } = this.#cursor;
    if (place.at.line === line && place.at.offset + LONGEST_KEY >= offset) return true;
    if (place.required) this.#missingColon(place);
    this.#places[level] = undefined;
    return false;
  }

  #missingColon({ at }: KeyPlace): never {
    this.#cursor.fail(
      "could not find expected ':'",
      "write `key: value` on this line, with a space behind the colon",
      at,
    );
  }

  /** Notes that a key may begin with the next token. */
  #saveKey(): void {
    if (!this.#keyAllowed) return;
    this.#dropKey();
    const at = this.#cursor.mark();
    const required = !this.#inFlow && this.#indent === at.column;
    this.#places[this.#places.length - 1] = { token: this.#taken + this.#queue.length, at, required };
  }

  #dropKey(): void {
    const place = this.#places.at(-1);
    if (place?.required === true) this.#missingColon(place);
    this.#places[this.#places.length - 1] = undefined;
  }

  /** Opens a block at a column that is deeper than the one around it; `token` is where in the stream it begins. */
  #openBlock(kind: "block-list" | "block-map", at: Mark, token?: number): void {
    if (this.#inFlow || this.#indent >= at.column) return;
    this.#indents.push(at.column);
    this.#checkDepth(this.#indents.length);
    const start = bare(kind, at, at);
    if (token === undefined) this.#queue.push(start);
    else this.#queue.splice(token - this.#taken, 0, start);
  }

  #closeBlocks(column: number): void {
    if (this.#inFlow) return;
    const at = this.#cursor.mark();
    while (this.#indent > column) {
      this.#indents.pop();
      this.#queue.push(bare("block-end", at, at));
    }
  }

  #checkDepth(depth: number): void {
    if (depth > DEEPEST) this.#cursor.fail(`exceeded max depth of ${DEEPEST}`, "nest less deeply");
  }

  #end(): void {
    this.#closeBlocks(0);
    this.#dropKey();
    this.#keyAllowed = false;
    this.#ended = true;
    this.#add("end", 0);
  }

  #directive(): void {
    this.#closeBlocks(0);
    this.#dropKey();
    this.#keyAllowed = false;
    this.#queue.push(scanDirective(this.#cursor));
  }

  #documentIndicator(char: string): void {
    this.#closeBlocks(0);
    this.#dropKey();
    this.#keyAllowed = false;
    this.#add(char === "-" ? "document-start" : "document-end", 3);
  }

  #open(char: "[" | "{"): void {
    this.#saveKey();
    this.#places.push(undefined);
    this.#checkDepth(this.#places.length);
    this.#keyAllowed = true;
    this.#add(char, 1);
  }

  #close(char: "]" | "}"): void {
    this.#dropKey();
    if (this.#inFlow) this.#places.pop();
    this.#keyAllowed = false;
    this.#add(char, 1);
  }

  #comma(): void {
    this.#dropKey();
    this.#keyAllowed = true;
    this.#add(",", 1);
  }

  #dash(): void {
    if (!this.#inFlow) {
      if (!this.#keyAllowed) {
        const mend = "begin the list on a line of its own, or quote the text";
        this.#cursor.fail("block sequence entries are not allowed in this context", mend);
      }
      this.#openBlock("block-list", this.#cursor.mark());
    }
    this.#dropKey();
    this.#keyAllowed = true;
    this.#add("-", 1);
  }

  #questionMark(): void {
    if (!this.#inFlow) {
      if (!this.#keyAllowed) this.#cursor.fail("mapping keys are not allowed in this context", "quote the text");
      this.#openBlock("block-map", this.#cursor.mark());
    }
    this.#dropKey();
    this.#keyAllowed = !this.#inFlow;
    this.#add("key", 1);
  }

  #colon(): void {
    const level = this.#places.length - 1;
    const place = this.#stillPossible(level) ? this.#places[level] : undefined;
    if (place !== undefined) {
      this.#queue.splice(place.token - this.#taken, 0, bare("key", place.at, place.at));
      this.#openBlock("block-map", place.at, place.token);
      this.#places[level] = undefined;
      this.#keyAllowed = false;
    } else {
      if (!this.#inFlow) {
        if (!this.#keyAllowed) {
          const mend = "quote the text if the colon belongs to it, or put the key on a line of its own";
          this.#cursor.fail("mapping values are not allowed in this context", mend);
        }
        this.#openBlock("block-map", this.#cursor.mark());
      }
      this.#keyAllowed = !this.#inFlow;
    }
    this.#add("value", 1);
  }

  /** Anything that may begin a key and is scanned by a function of its own. */
  #property(scan: (cursor: Cursor) => Token): void {
    this.#saveKey();
    this.#keyAllowed = false;
    this.#queue.push(scan(this.#cursor));
  }

  #blockScalar(): void {
    this.#dropKey();
    this.#keyAllowed = true;
    this.#queue.push(scanBlockScalar(this.#cursor, this.#indent));
  }

  #plainScalar(): void {
    this.#saveKey();
    const { token, newLine } = scanPlain(this.#cursor, this.#inFlow, this.#indent);
    this.#keyAllowed = newLine;
    this.#queue.push(token);
  }
}

function startMend(char: string): string {
  if (char === "\t") return "indent with spaces: a tab stands here";
  if (char === "%" || char === "@" || char === "`")
    return `put quotes around the value: plain text cannot begin with ${char}`;
  return `put quotes around the value, or remove the ${char}`;
}
