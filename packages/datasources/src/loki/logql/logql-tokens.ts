/** A part of a LogQL expression. */
export interface LogqlToken {
  /** `variable` is a use of a dashboard's variable outside of a string and a range, alone or within a word. */
  readonly kind: "word" | "string" | "number" | "duration" | "bytes" | "range" | "flag" | "symbol" | "variable" | "end";
  /** Text of the token. For a string, the text without its quotes, as written. */
  readonly text: string;
  /** Position of the first character in the expression. */
  readonly start: number;
  /** Position after the last character. */
  readonly end: number;
  /** Whether the token is a string between backquotes, in which a backslash is an ordinary character. */
  readonly isRaw?: boolean;
}

/** Most characters of a token that a message contains. */
const MAX_SHOWN = 40;

/** Returns a text as messages show it: its beginning if it is long. */
export const shownText = (text: string, most = MAX_SHOWN): string =>
  text.length > most ? `${text.slice(0, most)}…` : text;

/** A mistake in a LogQL expression, with its position in the text. */
export class LogqlMistake extends Error {
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

const VARIABLE = /\$\{[^}]{1,500}\}|\$[A-Za-z_]\w{0,200}|\[\[\w{1,200}(?::\w{1,50})?\]\]/y;
const WORD = /[\p{L}_][\p{L}\p{Nd}_]*/uy;
const WORD_REST = /[\p{L}\p{Nd}_]+/uy;
const NUMBER = /0[xXbBoO][\da-fA-F_]+|\d[\d_]*(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?/y;
const DURATION = /-?(?:\d+(?:\.\d*)?(?:ns|us|µs|ms|[smhdwy]))+(?![\p{L}\p{Nd}_])/uy;
const BYTES = /\d+(?:\.\d*)?(?:[kKMGTP]i?B?|B)(?![\p{L}\p{Nd}_])/uy;
const FLAG = /--(?:strict|keep-empty)(?![A-Za-z-])/y;
const SYMBOL = /\|[=~>]|![=~>]|=[=~]|[<>]=|[|={}()<>,+\-*/%^.]/y;
const ESCAPE = /\\(?:[abfnrtv\\"]|[0-7]{3}|x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8})/y;
/** A range, as Prometheus writes durations: each unit once, the largest first. */
const RANGE = /^(?:0|(?=\d)(?:\d+y)?(?:\d+w)?(?:\d+d)?(?:\d+h)?(?:\d+m)?(?:\d+s)?(?:\d+ms)?)$/;

function match(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

/** Splits a LogQL expression into tokens. Leaves out white space and comments. Throws LogqlMistake. */
export function logqlTokens(text: string): LogqlToken[] {
  const tokens: LogqlToken[] = [];
  for (let at = 0; at < text.length;) {
    const after = afterGap(text, at);
    if (after > at) {
      at = after;
      continue;
    }
    const token = tokenAt(text, at);
    tokens.push(token);
    at = token.end;
  }
  tokens.push({ kind: "end", text: "", start: text.length, end: text.length });
  return tokens;
}

/** Returns the position after a character of white space, or after a comment. Returns `at` if another character follows. */
export function afterGap(text: string, at: number): number {
  if (text[at]!.trim() === "") return at + 1;
  if (text[at] === "#" || text.startsWith("//", at)) {
    const end = text.indexOf("\n", at);
    return end < 0 ? text.length : end;
  }
  if (!text.startsWith("/*", at)) return at;
  const end = text.indexOf("*/", at + 2);
  if (end < 0) throw new LogqlMistake("the comment has no end; write */ after it", at);
  return end + 2;
}

function tokenAt(text: string, start: number): LogqlToken {
  const char = text[start]!;
  const made = (kind: LogqlToken["kind"], written: string): LogqlToken => ({
    kind,
    text: written,
    start,
    end: start + written.length,
  });
  const name = nameAt(text, start);
  if (name !== undefined) return made(name.hasVariable ? "variable" : "word", name.text);
  if (char === '"' || char === "`") return stringAt(text, start);
  if (char === "'")
    throw new LogqlMistake("a string begins with a single quote; use double quotes or backquotes", start);
  if (char === "[") return rangeAt(text, start);
  const unit = match(DURATION, text, start);
  if (unit !== undefined) return made("duration", unit);
  const bytes = match(BYTES, text, start);
  if (bytes !== undefined) return made("bytes", bytes);
  const number = match(NUMBER, text, start);
  if (number !== undefined) return made("number", number);
  const flag = match(FLAG, text, start);
  if (flag !== undefined) return made("flag", flag);
  const symbol = match(SYMBOL, text, start);
  if (symbol !== undefined) return made("symbol", symbol);
  throw new LogqlMistake(`the character ${JSON.stringify(char)} has no meaning outside of a string; remove it`, start);
}

/** Reads a word with the variables within it, such as `${prefix}_total`. */
function nameAt(text: string, start: number): { text: string; hasVariable: boolean } | undefined {
  let end = start;
  let hasVariable = false;
  while (end < text.length) {
    const variable = match(VARIABLE, text, end);
    const part = variable ?? match(end === start ? WORD : WORD_REST, text, end);
    if (part === undefined) break;
    hasVariable ||= variable !== undefined;
    end += part.length;
  }
  return end === start ? undefined : { text: text.slice(start, end), hasVariable };
}

function stringAt(text: string, start: number): LogqlToken {
  const quote = text[start]!;
  let end = start + 1;
  while (end < text.length && text[end] !== quote) {
    if (quote === '"' && text[end] === "\n") break;
    if (quote === '"' && text[end] === "\\") {
      const escape = match(ESCAPE, text, end);
      if (escape === undefined) {
        const written = text.slice(end, end + 2);
        const remedy = `write \\${written}, or put the string between backquotes`;
        throw new LogqlMistake(`${written} is no escape sequence in double quotes; ${remedy}`, end);
      }
      end += escape.length;
    } else end++;
  }
  if (text[end] !== quote) throw new LogqlMistake(`the string has no end; write ${quote} after it`, start);
  return { kind: "string", text: text.slice(start + 1, end), start, end: end + 1, isRaw: quote === "`" };
}

function rangeAt(text: string, start: number): LogqlToken {
  let end = start + 1;
  let hasVariable = false;
  while (end < text.length && text[end] !== "]") {
    const variable = match(VARIABLE, text, end);
    hasVariable ||= variable !== undefined;
    end += variable?.length ?? 1;
  }
  if (end >= text.length) throw new LogqlMistake("the range has no end; write ] after it", start);
  const written = text.slice(start + 1, end);
  if (!hasVariable && !RANGE.test(written)) {
    const what = written.includes(":") ? "is a subquery, which LogQL does not have" : "is not a duration";
    throw new LogqlMistake(`[${shownText(written)}] ${what}; write a number and a unit, such as [5m]`, start);
  }
  return { kind: "range", text: written, start, end: end + 1 };
}
