import { compileLinePattern, compilePattern, PatternError } from "@narthex/model";
import { LogqlMistake, type LogqlToken, shownText } from "./logql-tokens.ts";
import { type TokenReader, Undecided } from "./token-reader.ts";

const COMPARISONS = ["=", "==", "!=", ">", ">=", "<", "<="];
const LINE_FILTERS = ["|=", "|~", "|>", "!=", "!~", "!>"];
const CONVERSIONS = ["bytes", "duration", "duration_seconds"];
/** Largest nesting of parentheses in a label filter. A deeper expression is not checked. */
const MAX_DEPTH = 200;

/** Whether a string contains a use of a variable. */
const hasVariable = (text: string): boolean => text.includes("$") || text.includes("[[");

/** Whether the next token begins a stream selector, or is a variable that may contain one. */
export const isSelector = (reader: TokenReader): boolean => reader.isSymbol("{") || reader.isKind("variable");

/** Reads a stream selector: `{job="shop", level!="debug"}`. */
export function checkSelector(reader: TokenReader): void {
  const start = reader.take();
  if (start.kind === "variable") return;
  let selects = false;
  while (!reader.isSymbol("}")) {
    if (reader.isKind("variable") && (reader.ahead(1).text === "," || reader.ahead(1).text === "}")) {
      reader.take();
      selects = true;
    } else if (!checkMatcher(reader)) selects = true;
    if (reader.isSymbol("}")) break;
    if (!reader.takeSymbol(",")) reader.refuse("write a comma between two matchers, and } after the last one");
    if (reader.isSymbol("}")) reader.refuse("a comma has no matcher after it, so remove the comma");
  }
  reader.take();
  if (!selects) {
    const remedy = 'add a matcher such as job="shop" or job=~".+"';
    throw new LogqlMistake(`the stream selector accepts streams without any of its labels; ${remedy}`, start.start);
  }
}

/** Reads a matcher of a selector. Returns whether it accepts a missing label. */
function checkMatcher(reader: TokenReader): boolean {
  reader.expectLabel("a matcher");
  const operator = reader.token;
  if (!reader.takeSymbol("=", "!=", "=~", "!~"))
    reader.refuse("a matcher compares a label by =, !=, =~ or !~, so write one of them before it");
  const value = reader.expectString("the value of a matcher");
  return value === undefined || hasVariable(value.text) ? false : acceptsMissing(operator.text, value);
}

function acceptsMissing(operator: string, value: LogqlToken): boolean {
  if (operator === "=") return value.text === "";
  if (operator === "!=") return value.text !== "";
  const matchesEmpty = compiled(value, compilePattern).test("");
  return operator === "=~" ? matchesEmpty : !matchesEmpty;
}

/** Most characters of the reason why a regular expression is invalid. The reason repeats the expression. */
const MAX_REASON = 200;

function compiled<T>(value: LogqlToken, compile: (source: string) => T): T {
  try {
    return compile(value.isRaw ? value.text : unescaped(value.text));
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    throw new LogqlMistake(`the regular expression is invalid: ${shownText(error.message, MAX_REASON)}`, value.start);
  }
}

const SIMPLE: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
  '"': '"',
};

/** Returns the text of a string in double quotes. */
const unescaped = (text: string): string =>
  text.replaceAll(/\\(?:([0-7]{3})|[xuU]([\da-fA-F]{2,8})|(.))/g, (_, octal?: string, hex?: string, char?: string) => {
    if (char !== undefined) return SIMPLE[char] ?? char;
    const code = octal === undefined ? Number.parseInt(hex!, 16) : Number.parseInt(octal, 8);
    return code > 0x10_ff_ff ? "\uFFFD" : String.fromCodePoint(code);
  });

/** Reads the stages of a pipeline. Returns whether it ends with an unwrap, and whether a variable contains a stage. */
export function checkPipeline(reader: TokenReader): { readonly unwraps: boolean; readonly isUnknown: boolean } {
  let isUnknown = false;
  for (;;) {
    if (reader.isSymbol(...LINE_FILTERS)) checkLineFilter(reader);
    else if (reader.isKind("variable")) {
      isUnknown = true;
      reader.take();
    } else if (reader.takeSymbol("|")) {
      if (reader.takeWord("unwrap")) {
        checkUnwrap(reader);
        return { unwraps: true, isUnknown };
      }
      isUnknown ||= reader.isKind("variable");
      checkStage(reader);
    } else return { unwraps: false, isUnknown };
  }
}

/** Reads the label of an unwrap, and the label filters behind it. */
function checkUnwrap(reader: TokenReader): void {
  if (reader.isWord(...CONVERSIONS) && reader.ahead(1).text === "(") {
    reader.take();
    reader.take();
    reader.expectLabel("the argument of the conversion");
    reader.expectSymbol(")", "a parenthesis closes the conversion");
  } else reader.expectLabel("the argument of unwrap");
  while (reader.takeSymbol("|")) checkLabelFilter(reader, 0);
}

function checkLineFilter(reader: TokenReader): void {
  const operator = reader.take().text;
  do {
    if (reader.isWord("ip")) checkIp(reader);
    else {
      const text = reader.expectString("the text of a line filter");
      const isPattern = operator === "|~" || operator === "!~";
      if (text !== undefined && isPattern && !hasVariable(text.text)) compiled(text, compileLinePattern);
    }
  } while (reader.takeWord("or"));
}

function checkIp(reader: TokenReader): void {
  reader.take();
  reader.expectSymbol("(", "ip has an argument");
  reader.expectString("the argument of ip");
  reader.expectSymbol(")", "a parenthesis closes the argument of ip");
}

/** Reads a stage after its bar. */
function checkStage(reader: TokenReader): void {
  switch (reader.token.kind === "word" ? reader.token.text.toLowerCase() : "") {
    case "json":
      reader.take();
      return checkExtractions(reader);
    case "logfmt":
      reader.take();
      while (reader.isKind("flag")) reader.take();
      return checkExtractions(reader);
    case "unpack":
    case "decolorize":
      reader.take();
      return;
    case "regexp":
      reader.take();
      return checkRegexp(reader);
    case "pattern":
    case "line_format":
      reader.expectString(`the argument of ${reader.take().text}`);
      return;
    case "label_format":
      reader.take();
      return checkList(reader, () => {
        reader.expectLabel("the left side of label_format");
        reader.expectSymbol("=", "label_format sets a label");
        if (!reader.isKind("word", "variable")) reader.expectString("a template of label_format");
        else reader.take();
      });
    case "drop":
    case "keep":
      reader.take();
      return checkList(reader, () => {
        if (["=", "!=", "=~", "!~"].includes(reader.ahead(1).text)) checkMatcher(reader);
        else reader.expectLabel("an argument of drop and keep");
      });
  }
  if (reader.isKind("variable") && !COMPARISONS.includes(reader.ahead(1).text) && reader.ahead(1).text !== "=~")
    reader.take();
  else checkLabelFilter(reader, 0);
}

function checkRegexp(reader: TokenReader): void {
  const text = reader.expectString("the argument of regexp");
  if (text === undefined || hasVariable(text.text)) return;
  compiled(text, compileLinePattern);
  if (/\(\?P?</.test(text.text)) return;
  throw new LogqlMistake("regexp needs a named group; name one, such as (?P<status>\\d+)", text.start);
}

/** Reads what `json` and `logfmt` extract: `status, user="request.user"`. Nothing is an answer too. */
function checkExtractions(reader: TokenReader): void {
  if (!reader.isKind("word", "variable") || isOperatorWord(reader)) return;
  checkList(reader, () => {
    reader.expectLabel("an extracted label");
    if (reader.takeSymbol("=")) reader.expectString("the path of an extracted label");
  });
}

/** Whether the next word is an operator between expressions. */
const isOperatorWord = (reader: TokenReader): boolean => reader.isWord("or", "and", "unless", "offset", "by");

function checkList(reader: TokenReader, checkItem: () => void): void {
  do checkItem();
  while (reader.takeSymbol(","));
}

/** Reads a label filter: `status >= 500 and (method="GET" or size > 20KB)`. */
function checkLabelFilter(reader: TokenReader, depth: number): void {
  if (depth > MAX_DEPTH) throw new Undecided();
  for (;;) {
    if (reader.takeSymbol("(")) {
      checkLabelFilter(reader, depth + 1);
      reader.expectSymbol(")", "a parenthesis closes the label filter");
    } else checkComparison(reader);
    if (reader.takeSymbol(",") || reader.takeWord("and", "or")) continue;
    if (!reader.isSymbol("(") && !(reader.isKind("word") && !isOperatorWord(reader))) return;
  }
}

/** Reads the comparison of a label with a string, a number, a duration, a size or an address. */
function checkComparison(reader: TokenReader): void {
  const name = reader.token;
  if (name.kind !== "word" && name.kind !== "variable")
    reader.refuse("a bar is followed by a parser, a format or a label filter, so write one before it");
  reader.take();
  const operator = reader.token;
  if (!reader.takeSymbol(...COMPARISONS, "=~", "!~"))
    reader.refuse(`${name.text} is no stage, and a label filter needs a comparison such as ${name.text}="value"`);
  const isEquality = operator.text === "=" || operator.text === "!=";
  if (isEquality && reader.isWord("ip") && reader.ahead(1).text === "(") return checkIp(reader);
  const takesString = isEquality || operator.text === "=~" || operator.text === "!~";
  if (takesString && reader.isKind("string")) {
    const value = reader.take();
    if (operator.text.endsWith("~") && !hasVariable(value.text)) compiled(value, compilePattern);
    return;
  }
  if (operator.text.endsWith("~")) {
    reader.expectString("a regular expression");
    return;
  }
  if (!reader.isKind("number") && reader.isSymbol("+", "-")) reader.take();
  if (!reader.isKind("number", "duration", "bytes", "variable"))
    reader.refuse(
      takesString
        ? "a label is compared with a string, a number, a duration or a size, so quote a string"
        : `${operator.text} compares with a number, a duration or a size, so write one, without quotes`,
    );
  reader.take();
}
