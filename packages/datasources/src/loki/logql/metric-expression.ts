import { BINARY_OPERATORS, RANGE_OPERATIONS, VECTOR_OPERATIONS, WITHOUT_GROUPING } from "./logql-operations.ts";
import { checkPipeline, checkSelector, isSelector } from "./log-selection.ts";
import { LogqlMistake, type LogqlToken, shownText } from "./logql-tokens.ts";
import { type TokenReader, Undecided } from "./token-reader.ts";

/** Kind of an expression: log lines, series, a number, or any of them because of a variable. */
type Result = "lines" | "series" | "number" | "unknown";

/** Largest nesting of an expression. A deeper expression is not checked. */
const MAX_DEPTH = 200;
const SET_OPERATORS: ReadonlySet<string> = new Set(["and", "or", "unless"]);

/** Reads an expression of lines or of series. */
export const checkMetricExpression = (reader: TokenReader): Result => checkBinary(reader, 0, 0);

/** Reads operands and binary operators whose precedence is at least `least`. */
function checkBinary(reader: TokenReader, least: number, depth: number): Result {
  if (depth > MAX_DEPTH) throw new Undecided();
  let at = reader.token;
  let left = checkOperand(reader, depth);
  for (;;) {
    const operator = reader.token;
    const isOperator = operator.kind === "symbol" || operator.kind === "word";
    const precedence = isOperator ? BINARY_OPERATORS.get(operator.text.toLowerCase()) : undefined;
    if (precedence === undefined || precedence < least) return left;
    checkSide(left, at, operator);
    reader.take();
    checkMatching(reader);
    at = reader.token;
    const isRightToLeft = operator.text === "^";
    const right = checkBinary(reader, isRightToLeft ? precedence : precedence + 1, depth + 1);
    checkSide(right, at, operator);
    left = left === "number" && right === "number" ? "number" : "series";
  }
}

function checkSide(side: Result, { start }: LogqlToken, { text }: LogqlToken): void {
  const operator = text.toLowerCase();
  if (side === "lines") {
    const remedy = "count them, such as count_over_time({…}[5m])";
    throw new LogqlMistake(
      `the operator ${operator} computes with series, but this side returns log lines; ${remedy}`,
      start,
    );
  }
  if (side === "number" && SET_OPERATORS.has(operator))
    throw new LogqlMistake(`${operator} compares series, but this side is a number; write vector(…) around it`, start);
}

/** Reads `bool`, `on`, `ignoring`, `group_left` and `group_right` behind an operator. */
function checkMatching(reader: TokenReader): void {
  reader.takeWord("bool");
  if (!reader.isWord("on", "ignoring")) return;
  checkLabels(reader, reader.take().text);
  if (!reader.isWord("group_left", "group_right")) return;
  const { text } = reader.take();
  // Parentheses behind it may also contain the right side of the operator.
  const [first, second] = [reader.ahead(1), reader.ahead(2)];
  const isList =
    first.text === ")" || ((first.kind === "word" || first.kind === "variable") && /^[,)]$/.test(second.text));
  if (reader.isSymbol("(") && isList) checkLabels(reader, text);
}

/** Reads a list of labels in parentheses. */
function checkLabels(reader: TokenReader, owner: string): void {
  reader.expectSymbol("(", `${owner} takes labels in parentheses`);
  while (!reader.isSymbol(")")) {
    reader.expectLabel(`each item of ${owner}`);
    if (!reader.isSymbol(")")) reader.expectSymbol(",", `labels of ${owner} are separated by commas`);
  }
  reader.take();
}

/** Reads `by (…)` or `without (…)`. Returns whether there is one. */
function takeGrouping(reader: TokenReader): boolean {
  if (!reader.isWord("by", "without")) return false;
  checkLabels(reader, reader.take().text);
  return true;
}

function checkOperand(reader: TokenReader, depth: number): Result {
  if (reader.isKind("number") || (reader.isSymbol("+", "-") && reader.ahead(1).kind === "number")) {
    if (!reader.isKind("number")) reader.take();
    reader.take();
    return "number";
  }
  if (reader.isSymbol("{") || reader.isKind("variable")) return checkLines(reader);
  if (reader.takeSymbol("(")) {
    const result = checkBinary(reader, 0, depth + 1);
    reader.expectSymbol(")", "a parenthesis is open");
    return result;
  }
  const name = reader.token;
  const operation = name.kind === "word" ? name.text.toLowerCase() : "";
  const isCall = reader.ahead(1).text === "(" || ["by", "without"].includes(reader.ahead(1).text.toLowerCase());
  if (isCall && RANGE_OPERATIONS.has(operation)) checkRangeCall(reader);
  else if (isCall && VECTOR_OPERATIONS.has(operation)) checkVectorCall(reader, depth);
  else if (isCall && operation === "vector") checkVector(reader);
  else if (isCall && operation === "label_replace") checkLabelReplace(reader, depth);
  else if (isCall && operation !== "") reader.refuse("LogQL has no such function; check its name");
  else reader.refuse('a query begins with a stream selector such as {job="shop"}, or with a function');
  return "series";
}

/** Reads a selector with its pipeline. */
function checkLines(reader: TokenReader): Result {
  const isVariable = reader.isKind("variable");
  if (isVariable && reader.ahead(1).text === "(") throw new Undecided();
  checkSelector(reader);
  const start = reader.token;
  const { unwraps, isUnknown } = checkPipeline(reader);
  if (reader.isKind("range")) reader.refuse("a range needs a function such as rate or count_over_time around it");
  if (unwraps)
    throw new LogqlMistake(
      "unwrap needs a range and a function, such as sum_over_time({…} | unwrap x [5m])",
      start.start,
    );
  return isVariable || isUnknown ? "unknown" : "lines";
}

/** Reads the parameter of a call: a number and a comma. Returns its token. */
function takeParameter(reader: TokenReader): LogqlToken | undefined {
  if (!reader.isKind("number", "variable") || reader.ahead(1).text !== ",") return undefined;
  const parameter = reader.take();
  reader.take();
  return parameter;
}

/** Reads an operation over a range of lines. */
function checkRangeCall(reader: TokenReader): void {
  const name = reader.take();
  const text = name.text.toLowerCase();
  const operation = RANGE_OPERATIONS.get(text)!;
  if (reader.isWord("by", "without")) reader.refuse(`${text} takes its grouping behind the parentheses, so move it`);
  reader.expectSymbol("(", `${text} has an argument`);
  const parameter = takeParameter(reader);
  if (parameter === undefined && operation.takesParameter)
    throw new LogqlMistake(`${text} needs a quantile before the selector, such as ${text}(0.99, {…})`, name.start);
  if (parameter !== undefined && !operation.takesParameter)
    throw new LogqlMistake(`${text} takes no number before the selector; remove it`, parameter.start);
  const { unwraps, isUnknown, hasRange } = checkRange(reader, 0);
  if (!hasRange && !isUnknown) reader.refuse(`${text} needs a range such as [5m], so write one before it`);
  reader.expectSymbol(")", `the argument of ${text} ends`);
  const grouping = reader.token;
  if (takeGrouping(reader) && !operation.takesGrouping)
    throw new LogqlMistake(`${text} takes no grouping; write sum ${grouping.text} (…) (${text}(…))`, grouping.start);
  if (unwraps && operation.unwrap === "refused")
    throw new LogqlMistake(`${text} counts lines, so it takes no unwrap; remove it, or use sum_over_time`, name.start);
  if (!unwraps && !isUnknown && operation.unwrap === "required")
    throw new LogqlMistake(`${text} computes with values; add | unwrap and a label before the range`, name.start);
}

/** A selection of lines, as far as it was read. */
interface LogRange {
  readonly hasRange: boolean;
  readonly unwraps: boolean;
  /** Whether a variable may contain the range or an unwrap. */
  readonly isUnknown: boolean;
}

/** Reads lines with a range. The range is behind the selector, or behind the pipeline. */
function checkRange(reader: TokenReader, depth: number): LogRange {
  if (depth > MAX_DEPTH) throw new Undecided();
  let inner: LogRange = { hasRange: false, unwraps: false, isUnknown: reader.isKind("variable") };
  if (reader.takeSymbol("(")) {
    inner = checkRange(reader, depth + 1);
    reader.expectSymbol(")", "a parenthesis is open");
  } else if (isSelector(reader)) checkSelector(reader);
  else reader.refuse('the function reads lines, so write a stream selector such as {job="shop"} before it');
  const isEarly = takeRange(reader);
  const { unwraps, isUnknown } = checkPipeline(reader);
  if (reader.isKind("range") && (isEarly || inner.hasRange)) reader.refuse("the selection has a range already");
  const hasRange = takeRange(reader) || isEarly || inner.hasRange;
  return { hasRange, unwraps: unwraps || inner.unwraps, isUnknown: isUnknown || inner.isUnknown };
}

/** Reads a range and its offset. */
function takeRange(reader: TokenReader): boolean {
  if (!reader.isKind("range")) return false;
  reader.take();
  if (!reader.takeWord("offset")) return true;
  if (!reader.isKind("duration", "variable"))
    reader.refuse("offset takes a duration such as 5m, so write one before it");
  reader.take();
  return true;
}

/** Reads an aggregation of series. Its grouping is before or behind the parentheses. */
function checkVectorCall(reader: TokenReader, depth: number): void {
  const name = reader.take();
  const text = name.text.toLowerCase();
  let grouping = reader.token;
  let isGrouped = takeGrouping(reader);
  reader.expectSymbol("(", `${text} has an argument`);
  const parameter = takeParameter(reader);
  const needsParameter = VECTOR_OPERATIONS.get(text)!;
  if (needsParameter && parameter === undefined && !reader.isKind("variable"))
    throw new LogqlMistake(`${text} needs a number of series first, such as ${text}(10, …)`, name.start);
  if (parameter !== undefined && !needsParameter)
    throw new LogqlMistake(`${text} takes no number before the expression; remove it`, parameter.start);
  if (parameter?.kind === "number" && !/^0*[1-9]\d*$/.test(parameter.text))
    throw new LogqlMistake(
      `${text} takes a whole number of at least 1; ${shownText(parameter.text)} is none`,
      parameter.start,
    );
  const at = reader.token;
  const result = checkBinary(reader, 0, depth + 1);
  if (result === "lines") {
    const remedy = `count them, such as ${text}(count_over_time({…}[5m]))`;
    throw new LogqlMistake(`${text} aggregates series, but its argument returns log lines; ${remedy}`, at.start);
  }
  reader.expectSymbol(")", `the argument of ${text} ends`);
  if (!isGrouped) {
    grouping = reader.token;
    isGrouped = takeGrouping(reader);
  }
  if (isGrouped && WITHOUT_GROUPING.has(text))
    throw new LogqlMistake(`${text} takes no grouping; remove ${grouping.text} (…)`, grouping.start);
}

function checkVector(reader: TokenReader): void {
  reader.take();
  reader.take();
  if (!reader.isKind("number", "variable")) reader.refuse("vector takes a number, so write one before it");
  reader.take();
  reader.expectSymbol(")", "vector takes one number");
}

function checkLabelReplace(reader: TokenReader, depth: number): void {
  reader.take();
  reader.take();
  checkBinary(reader, 0, depth + 1);
  for (const what of ["the new label", "the replacement", "the old label", "the regular expression"]) {
    reader.expectSymbol(",", `label_replace takes ${what}`);
    reader.expectString(`${what} of label_replace`);
  }
  reader.expectSymbol(")", "label_replace takes five arguments");
}
