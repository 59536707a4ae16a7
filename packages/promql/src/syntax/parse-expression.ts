import { isLabelName, quote } from "@narthex/model";
import type {
  AggregateExpr,
  AggregateOperator,
  BinaryOperator,
  Call,
  Expr,
  NumberLiteral,
  VectorMatching,
} from "./ast.ts";
import { applyAt, applyExtension, applyOffset, applyTimestamp } from "./modifiers.ts";
import { millisecondsOf, parseLiteral, parseOffsetDuration, parsePositiveDuration, signed } from "./parse-duration.ts";
import { parseVectorSelector } from "./parse-selector.ts";
import { functionSignature } from "./signatures.ts";
import { unquote } from "./string-literal.ts";
import {
  AGGREGATORS,
  CALLABLE_KEYWORDS,
  LABEL_NAME_TOKENS,
  METRIC_NAME_TOKENS,
  type Token,
  type TokenType,
} from "./token.ts";
import type { TokenStream } from "./token-stream.ts";

const PRECEDENCE: ReadonlyMap<TokenType, number> = new Map<TokenType, number>([
  ["or", 1],
  ["and", 2],
  ["unless", 2],
  ...(["==", "!=", "<", "<=", ">", ">=", "</", ">/"] as const).map((op): [TokenType, number] => [op, 3]),
  ["+", 4],
  ["-", 4],
  ["*", 5],
  ["/", 5],
  ["%", 5],
  ["atan2", 5],
  ["^", 6],
]);

/** Precedence of a sign, the same as of a multiplication. Thus `-1 ^ 2` means `-(1 ^ 2)`. */
const UNARY_PRECEDENCE = 5;

/** Parses an expression. Stops at an operator whose precedence is below `minPrecedence`. */
export function parseExpr(stream: TokenStream, minPrecedence = 1): Expr {
  const { depth } = stream;
  stream.deepen();
  let left = parsePostfix(stream, parsePrefix(stream));
  while (precedenceOf(stream.peek()) >= minPrecedence) {
    left = parseBinary(stream, left);
    stream.deepen();
  }
  stream.rise(depth);
  return left;
}

const precedenceOf = ({ type }: Token): number => PRECEDENCE.get(type) ?? 0;

/** Parses the operator and the right operand of a binary expression. */
function parseBinary(stream: TokenStream, lhs: Expr): Expr {
  const operator = stream.take();
  const precedence = precedenceOf(operator);
  const modifiers = parseBinaryModifiers(stream);
  const rhs = parseExpr(stream, operator.type === "^" ? precedence : precedence + 1);
  const position = { start: lhs.position.start, end: rhs.position.end };
  const { fillLeft, fillRight } = modifiers.matching;
  if (stream.options.binopFillModifiers !== true && (fillLeft !== null || fillRight !== null)) {
    stream.report(position, "binop fill modifiers are experimental and not enabled");
  }
  return { kind: "binary", op: operator.type as BinaryOperator, lhs, rhs, ...modifiers, position };
}

function startsExpression(token: Token): boolean {
  return (
    METRIC_NAME_TOKENS.has(token.type) || ["{", "(", "+", "-", "number", "duration", "string"].includes(token.type)
  );
}

function parsePrefix(stream: TokenStream): Expr {
  const token = stream.peek();
  switch (token.type) {
    case "number":
    case "duration":
      return parseLiteral(stream);
    case "string": {
      const { text, start, end } = stream.take();
      return { kind: "string", value: unquote(text), position: { start, end } };
    }
    case "(": {
      stream.take();
      const expr = parseExpr(stream);
      const close = stream.expect(")");
      return { kind: "paren", expr, position: { start: token.start, end: close.end } };
    }
    case "+":
    case "-": {
      stream.take();
      const expr = parseExpr(stream, UNARY_PRECEDENCE + 1);
      if (expr.kind === "number") return signed(expr, token);
      return { kind: "unary", op: token.type, expr, position: { start: token.start, end: expr.position.end } };
    }
    default:
      return parseNamed(stream, token);
  }
}

/** Parses an expression that begins with a name: an aggregation, a call, or a selector. */
function parseNamed(stream: TokenStream, token: Token): Expr {
  if (token.type !== "{") {
    if (!METRIC_NAME_TOKENS.has(token.type)) stream.unexpected();
    if (token.type !== "metricIdentifier") {
      const after = stream.peek(1).type;
      if (AGGREGATORS.has(token.type) && (after === "(" || after === "by" || after === "without"))
        return parseAggregate(stream);
      if (after === "(" && (token.type === "identifier" || CALLABLE_KEYWORDS.has(token.type))) return parseCall(stream);
    }
  }
  return parseVectorSelector(stream);
}

function parsePostfix(stream: TokenStream, operand: Expr): Expr {
  let expr = operand;
  for (;;) {
    const before = expr;
    switch (stream.peek().type) {
      case "[":
        expr = parseBrackets(stream, before);
        stream.deepen();
        break;
      case "offset":
        stream.take();
        expr = applyOffset(
          stream,
          before,
          stream.within("offset", "number, duration, step(), or range()", () => parseOffsetDuration(stream)),
        );
        break;
      case "@":
        stream.take();
        expr = stream.within("@", "timestamp", () => parseAt(stream, before));
        break;
      case "anchored":
      case "smoothed":
        expr = applyExtension(stream, before, stream.take().type as "anchored" | "smoothed");
        break;
      default:
        return expr;
    }
  }
}

function parseAt(stream: TokenStream, expr: Expr): Expr {
  const token = stream.peek();
  if (token.type === "start()" || token.type === "end()") {
    stream.take();
    stream.expect("(");
    stream.expect(")");
    return applyAt(stream, expr, { kind: token.type === "start()" ? "start" : "end" });
  }
  return applyTimestamp(stream, expr, parseSignedLiteral(stream).value);
}

function parseSignedLiteral(stream: TokenStream): NumberLiteral {
  const sign = stream.accept("+") ?? stream.accept("-");
  const { type } = stream.peek();
  if (type !== "number" && type !== "duration") stream.unexpected();
  const literal = parseLiteral(stream);
  return sign === undefined ? literal : signed(literal, sign);
}

/** Parses the brackets of `expr[range]` or `expr[range:step]`. */
function parseBrackets(stream: TokenStream, expr: Expr): Expr {
  const open = stream.take();
  const range = stream.within("subquery or range selector", "number, duration, step(), or range()", () =>
    parsePositiveDuration(stream),
  );
  const rangeMs = range.kind === "number" ? millisecondsOf(range.value) : 0;
  const rangeExpr = range.kind === "duration" ? range : null;
  const { start } = expr.position;
  if (stream.accept("]") !== undefined) {
    const position = { start, end: stream.last.end };
    const problem = rangeProblem(expr);
    if (problem !== undefined) stream.report({ start: open.start, end: stream.last.end }, problem);
    if (expr.kind !== "vectorSelector") return expr;
    return { kind: "matrixSelector", selector: expr, rangeMs, rangeExpr, position };
  }
  if (stream.accept(":") === undefined) stream.unexpected("subquery or range", '":" or "]"');
  let stepMs = 0;
  let stepExpr = null;
  if (stream.peek().type !== "]") {
    const step = stream.within("subquery selector", 'number, duration, step(), range(), or "]"', () =>
      parsePositiveDuration(stream),
    );
    if (step.kind === "number") stepMs = millisecondsOf(step.value);
    else stepExpr = step;
    if (stream.peek().type !== "]") stream.unexpected("subquery selector", '"]"');
  }
  const close = stream.take();
  const position = { start, end: close.end };
  return {
    kind: "subquery",
    expr,
    rangeMs,
    rangeExpr,
    stepMs,
    stepExpr,
    offsetMs: 0,
    offsetExpr: null,
    at: null,
    position,
  };
}

function rangeProblem(expr: Expr): string | undefined {
  if (expr.kind !== "vectorSelector") return "ranges only allowed for vector selectors";
  if (expr.offsetMs !== 0 || expr.offsetExpr !== null) return "no offset modifiers allowed before range";
  return expr.at === null ? undefined : "no @ modifiers allowed before range";
}

/** Parses the arguments `(a, b)` of a function or an aggregation. */
function parseArguments(stream: TokenStream): Expr[] {
  stream.expect("(");
  const args: Expr[] = [];
  if (stream.accept(")") !== undefined) return args;
  args.push(parseExpr(stream));
  while (stream.accept(",") !== undefined) {
    const comma = stream.last;
    if (startsExpression(stream.peek())) args.push(parseExpr(stream));
    else stream.report(comma, "trailing commas not allowed in function call args");
  }
  stream.expect(")");
  return args;
}

function parseCall(stream: TokenStream): Call {
  const name = stream.take();
  const args = parseArguments(stream);
  const signature = functionSignature(name.text);
  if (signature === undefined) stream.report(name, `unknown function with name ${quote(name.text)}`);
  else if (signature.experimental && stream.options.experimentalFunctions !== true) {
    stream.report(name, `function ${quote(name.text)} is not enabled`);
  }
  if (name.text === "label_replace") chargePattern(stream, args[4]);
  return { kind: "call", func: name.text, args, position: { start: name.start, end: stream.last.end } };
}

/** Counts the regular expression of `label_replace` towards the limits for the texts of a request. */
function chargePattern(stream: TokenStream, arg: Expr | undefined): void {
  let text = arg;
  while (text?.kind === "paren") text = text.expr;
  if (text?.kind === "string") stream.charge(text.position, stream.budget.takePattern(text.value));
}

const AGGREGATORS_WITH_PARAMETER: ReadonlySet<string> = new Set([
  "topk",
  "bottomk",
  "count_values",
  "quantile",
  "limitk",
  "limit_ratio",
]);
const EXPERIMENTAL_AGGREGATORS: ReadonlySet<string> = new Set(["limitk", "limit_ratio"]);

function parseAggregate(stream: TokenStream): Expr {
  const name = stream.peek();
  stream.enter("aggregation", "");
  stream.take();
  const before = parseGroupingModifier(stream);
  const args = parseArguments(stream);
  const modifier = before ?? parseGroupingModifier(stream) ?? { without: false, grouping: [] };
  stream.leave();
  return aggregate(stream, name, args, modifier);
}

/** Returns the aggregation that ends at the last token. Reports a wrong number of arguments. */
function aggregate(
  stream: TokenStream,
  name: Token,
  args: readonly Expr[],
  modifier: Pick<AggregateExpr, "without" | "grouping">,
): Expr {
  const op = name.type as AggregateOperator;
  const position = { start: name.start, end: stream.last.end };
  const withParameter = AGGREGATORS_WITH_PARAMETER.has(op);
  const wanted = withParameter ? 2 : 1;
  if (args.length === 0) stream.report(position, "no arguments for aggregate expression provided");
  else if (EXPERIMENTAL_AGGREGATORS.has(op) && stream.options.experimentalFunctions !== true) {
    stream.report(
      position,
      `${op}() is experimental and must be enabled with --enable-feature=promql-experimental-functions`,
    );
  } else if (args.length !== wanted) {
    stream.report(
      position,
      `wrong number of arguments for aggregate expression provided, expected ${wanted}, got ${args.length}`,
    );
  }
  // Placeholder for a missing argument. An error was already reported, so no caller gets this tree.
  const expr = args[wanted - 1] ?? args[0] ?? ({ kind: "string", value: "", position } as const);
  return { kind: "aggregate", op, expr, param: withParameter ? args[0]! : null, ...modifier, position };
}

function parseGroupingModifier(stream: TokenStream): Pick<AggregateExpr, "without" | "grouping"> | undefined {
  const modifier = stream.accept("by") ?? stream.accept("without");
  return modifier && { without: modifier.type === "without", grouping: parseGroupingLabels(stream) };
}

/** Parses the label list `(a, b)` after `by`, `on` and similar words. A comma at the end is allowed. */
function parseGroupingLabels(stream: TokenStream): string[] {
  if (stream.accept("(") === undefined) stream.unexpected("grouping opts", '"("');
  const labels: string[] = [];
  if (stream.accept(")") !== undefined) return labels;
  for (;;) {
    const token = stream.peek();
    if (token.type !== "string" && !LABEL_NAME_TOKENS.has(token.type)) stream.unexpected("grouping opts", "label");
    stream.take();
    const name = token.type === "string" ? unquote(token.text) : token.text;
    if (!isLabelName(name)) stream.report(token, `invalid label name for grouping: ${quote(name)}`);
    labels.push(name);
    if (stream.accept(")") !== undefined) return labels;
    if (stream.accept(",") === undefined) stream.unexpected("grouping opts", '"," or ")"');
    if (stream.accept(")") !== undefined) return labels;
  }
}

/**
 * Parses the optional modifiers of a binary operator in this order: `bool`, `on|ignoring (…)`, `group_left|group_right
 * (…)` and `fill…(v)`.
 */
function parseBinaryModifiers(stream: TokenStream): { returnBool: boolean; matching: VectorMatching } {
  const returnBool = stream.accept("bool") !== undefined;
  const tag = stream.accept("on") ?? stream.accept("ignoring");
  const labels = tag === undefined ? [] : parseGroupingLabels(stream);
  const group = tag && (stream.accept("group_left") ?? stream.accept("group_right"));
  const include = group !== undefined && !startsOperand(stream.peek()) ? parseGroupingLabels(stream) : [];
  const card = group === undefined ? "one-to-one" : group.type === "group_left" ? "many-to-one" : "one-to-many";
  return { returnBool, matching: { card, labels, on: tag?.type === "on", include, ...parseFill(stream) } };
}

/**
 * Returns whether a token can follow `group_left` without labels. A parenthesis never can, because it always begins the
 * labels.
 */
const startsOperand = (token: Token): boolean =>
  token.type !== "(" && (startsExpression(token) || token.type.startsWith("fill"));

function parseFill(stream: TokenStream): Pick<VectorMatching, "fillLeft" | "fillRight"> {
  if (stream.accept("fill") !== undefined) {
    const value = parseFillValue(stream);
    return { fillLeft: value, fillRight: value };
  }
  let fillLeft: number | null = null;
  let fillRight: number | null = null;
  for (;;) {
    if (fillLeft === null && stream.accept("fill_left") !== undefined) fillLeft = parseFillValue(stream);
    else if (fillRight === null && stream.accept("fill_right") !== undefined) fillRight = parseFillValue(stream);
    else return { fillLeft, fillRight };
  }
}

function parseFillValue(stream: TokenStream): number {
  stream.expect("(");
  const { value } = parseSignedLiteral(stream);
  stream.expect(")");
  return value;
}
