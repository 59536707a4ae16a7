/** A part of a query: a word, a string in single quotes, a name in double quotes, a regular expression, and others. */
export interface QueryToken {
  readonly kind: "word" | "string" | "name" | "regex" | "comment" | "symbol";
  readonly start: number;
  /** Index after the last character. */
  readonly end: number;
}

/** Words after which a slash begins a regular expression. After other words, a slash is a division. */
const BEFORE_REGEX: ReadonlySet<string> = new Set(["select", "from", "by"]);
const SYMBOLS_BEFORE_REGEX = "~(,.";
const WORD = /[\w$]/;

/**
 * Splits a query in InfluxQL into its parts. White space is left out. A quoted part whose end is missing reaches to the
 * end of the text. The text may also be a part of a query: a slash at its start begins a regular expression.
 */
export function* influxqlTokens(text: string): Generator<QueryToken> {
  let isStart = true;
  let takesRegex = false;
  for (let at = 0; at < text.length;) {
    const start = at;
    const char = text[at]!;
    if (char.trim() === "") {
      at++;
      continue;
    }
    let kind: QueryToken["kind"] = "symbol";
    if (char === "'" || char === '"') {
      at = closingMark(text, at, char);
      kind = char === "'" ? "string" : "name";
    } else if (char === "/" && (isStart ? text[at + 1] !== "*" : takesRegex)) {
      at = closingSlash(text, at);
      kind = "regex";
    } else if (text.startsWith("--", at)) {
      at = endOfLine(text, at);
      kind = "comment";
    } else if (text.startsWith("/*", at)) {
      at = endOf(text, "*/", at + 2);
      kind = "comment";
    } else if (WORD.test(char)) {
      while (at < text.length && WORD.test(text[at]!)) at++;
      kind = "word";
    } else at++;
    isStart = false;
    if (kind === "word") takesRegex = BEFORE_REGEX.has(text.slice(start, at).toLowerCase());
    else if (kind !== "comment") takesRegex = kind === "symbol" && SYMBOLS_BEFORE_REGEX.includes(char);
    yield { kind, start, end: at };
  }
}

/**
 * Splits a query in Flux into its parts, as `influxqlTokens` does. Strings have double quotes and are of the kind
 * `name`.
 */
export function* fluxTokens(text: string): Generator<QueryToken> {
  let takesRegex = true;
  for (let at = 0; at < text.length;) {
    const start = at;
    const char = text[at]!;
    if (char.trim() === "") {
      at++;
      continue;
    }
    let kind: QueryToken["kind"] = "symbol";
    if (char === '"') {
      at = closingMark(text, at, char);
      kind = "name";
    } else if (text.startsWith("//", at)) {
      at = endOfLine(text, at);
      kind = "comment";
    } else if (char === "/" && takesRegex) {
      at = closingMark(text, at, "/");
      kind = "regex";
    } else if (WORD.test(char)) {
      while (at < text.length && WORD.test(text[at]!)) at++;
      kind = "word";
    } else at++;
    if (kind !== "comment") takesRegex = kind === "symbol" && "~(,:".includes(char);
    yield { kind, start, end: at };
  }
}

/** Returns the index after the mark that closes a quoted part. A backslash escapes the next character. */
function closingMark(text: string, open: number, mark: string): number {
  for (let at = open + 1; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === mark) return at + 1;
  }
  return text.length;
}

/**
 * Returns the index after the slash that closes a regular expression of InfluxQL. A backslash escapes only a slash, even
 * if another backslash precedes it.
 */
function closingSlash(text: string, open: number): number {
  for (let at = open + 1; at < text.length; at++) if (text[at] === "/" && text[at - 1] !== "\\") return at + 1;
  return text.length;
}

/** Returns the index after the end of a line. InfluxDB also reads a carriage return as the end of a line. */
function endOfLine(text: string, from: number): number {
  let at = from;
  while (at < text.length && text[at] !== "\n" && text[at] !== "\r") at++;
  return at;
}

function endOf(text: string, mark: string, from: number): number {
  const at = text.indexOf(mark, from);
  return at < 0 ? text.length : at + mark.length;
}
