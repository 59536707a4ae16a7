import type { Matcher, MatchType } from "@narthex/model";
import { MatcherLexer, type MatcherToken } from "./matcher-lexer.ts";
import { createMatcher, MatcherError } from "./matcher-text.ts";

const OPERATOR = "expected an operator such as '=', '!=', '=~' or '!~'";

/**
 * Parses matchers in the syntax of Alertmanager 0.27 and later, in which a name may be any UTF-8 text, quoted if
 * necessary. Throws MatcherError.
 */
export function parseUtf8(input: string): Matcher[] {
  const lexer = new MatcherLexer(input);
  const matchers: Matcher[] = [];
  const braces = lexer.peek().kind === "open";
  if (braces) lexer.take();
  // Reads the first token before the parser decides whether the text is a list. As in Alertmanager, an error in this
  // token is reported first.
  let next = lexer.peek().kind;
  while (next !== "close" && next !== "end") {
    matchers.push(parseMatcher(lexer));
    next = peekAfter(lexer, "expected a comma or close brace", ["comma", "close"]);
    if (next !== "comma") break;
    lexer.take();
    next = peekAfter(lexer, "expected a matcher or close brace after comma", ["close", "unquoted", "quoted"]);
  }
  closeList(lexer, braces, matchers.length > 0 || next === "close" || braces);
  return matchers;
}

type Kind = MatcherToken["kind"];

/**
 * Returns the kind of the next token without consuming it. Throws MatcherError if the kind is not in `kinds`, unless
 * the text ends.
 * @param why description of the expected token for the error message
 */
function peekAfter(lexer: MatcherLexer, why: string, kinds: readonly Kind[]): Kind {
  const token = wrap(() => lexer.peek(), why);
  if (token.kind !== "end" && !kinds.includes(token.kind)) refuse(token, why);
  return token.kind;
}

function parseMatcher(lexer: MatcherLexer): Matcher {
  const name = literal(lexer, "expected label name");
  const operator = expect(lexer, OPERATOR, ["operator"]);
  const value = literal(lexer, "expected label value");
  try {
    return createMatcher({ name, type: operator.text as MatchType, value });
  } catch (cause) {
    if (!(cause instanceof MatcherError)) throw cause;
    throw new MatcherError(`failed to create matcher: ${cause.message}`, { cause });
  }
}

function expect(lexer: MatcherLexer, why: string, kinds: readonly Kind[]): MatcherToken {
  const token = wrap(() => lexer.peek(), why);
  if (!kinds.includes(token.kind)) refuse(token, why);
  return lexer.take();
}

/**
 * Runs `read`, which reads a token. If the token is invalid, adds a description of the expected token (`why`) to the
 * error.
 */
function wrap(read: () => MatcherToken, why: string): MatcherToken {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof MatcherError)) throw cause;
    throw new MatcherError(`${cause.message}: ${why}`, { cause });
  }
}

function refuse({ kind, text, from, to }: MatcherToken, why: string): never {
  throw new MatcherError(kind === "end" ? `end of input: ${why}` : `${from}:${to}: unexpected ${text}: ${why}`);
}

/**
 * Reads the end of a list of matchers. A list with an opening brace must have a closing one.
 * @param started false for an empty text, which needs no end
 */
function closeList(lexer: MatcherLexer, braces: boolean, started: boolean): void {
  if (started) {
    const token = lexer.peek();
    if (braces) {
      if (token.kind !== "close") throw new MatcherError(`0:${lexer.column}: end of input: expected close brace`);
      lexer.take();
    } else if (token.kind === "close") throw new MatcherError(`0:${token.to}: }: expected opening brace`);
  }
  const { kind, text, from, to } = wrap(() => lexer.take(), "expected end of input");
  if (kind !== "end") throw new MatcherError(`${from}:${to}: ${text}: expected end of input`);
}

function literal(lexer: MatcherLexer, why: string): string {
  const token = expect(lexer, why, ["quoted", "unquoted"]);
  return token.kind === "quoted" ? unquote(token) : token.text;
}

const ESCAPES: Readonly<Record<string, number>> = { a: 7, b: 8, f: 12, n: 10, r: 13, t: 9, v: 11, "\\": 92, '"': 34 };

const ESCAPE = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|([abfnrtv\\"]))|[^\\\n]+/gy;

/** Returns the value of a Go string literal in double quotes. */
function unquote({ text, from, to }: MatcherToken): string {
  const refuseIt = (): never => {
    throw new MatcherError(`${from}:${to}: ${text}: invalid input`);
  };
  const body = text.slice(1, -1);
  const bytes: Buffer[] = [];
  let at = 0;
  for (const found of body.matchAll(ESCAPE)) {
    at = found.index + found[0].length;
    const [, hex, short, long, octal, simple] = found;
    if (simple !== undefined) bytes.push(Buffer.of(ESCAPES[simple]!));
    else if (hex !== undefined || octal !== undefined) {
      const byte = Number.parseInt(hex ?? octal!, hex === undefined ? 8 : 16);
      bytes.push(byte > 255 ? refuseIt() : Buffer.of(byte));
    } else if (short !== undefined || long !== undefined) {
      const code = Number.parseInt(short ?? long!, 16);
      bytes.push(
        code > 0x10ffff || (code >= 0xd800 && code < 0xe000) ? refuseIt() : Buffer.from(String.fromCodePoint(code)),
      );
    } else bytes.push(Buffer.from(found[0]));
  }
  if (at < body.length) refuseIt();
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.concat(bytes));
  } catch {
    return refuseIt();
  }
}
