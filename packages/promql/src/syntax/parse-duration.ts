import { DurationError, parseDuration } from "@narthex/model";
import type { DurationExpr, DurationOperand, DurationOperator, NumberLiteral, Position } from "./ast.ts";
import { parseNumberLiteral } from "./number-literal.ts";
import type { Token, TokenType } from "./token.ts";
import type { TokenStream } from "./token-stream.ts";

const PRECEDENCE: Readonly<Partial<Record<TokenType, number>>> = { "+": 1, "-": 1, "*": 2, "/": 2, "%": 2, "^": 3 };
const UNARY_PRECEDENCE = 2;

/** Maximum length of a duration in seconds: its nanoseconds must fit into 64 bits. */
const MAX_SECONDS = 2 ** 63 / 1e9;

const isLiteral = (token: Token): boolean => token.type === "number" || token.type === "duration";

/** Parses a number or a duration as a literal. The value of a duration is in seconds. */
export function parseLiteral(stream: TokenStream): NumberLiteral {
  const token = stream.take();
  const position = { start: token.start, end: token.end };
  if (token.type === "number") {
    const value = parseNumberLiteral(token.text);
    if (value instanceof Error) stream.report(position, value.message);
    return { kind: "number", value: value instanceof Error ? 0 : value, duration: false, position };
  }
  let seconds = 0;
  try {
    seconds = parseDuration(token.text) / 1000;
  } catch (error) {
    if (!(error instanceof DurationError)) throw error;
    stream.report(position, error.message);
  }
  return { kind: "number", value: seconds, duration: true, position };
}

/** Returns a literal to which the sign token `sign` is applied. */
export function signed(literal: NumberLiteral, sign: Token): NumberLiteral {
  const value = sign.type === "-" ? -literal.value : literal.value;
  return { ...literal, value, position: { start: sign.start, end: literal.position.end } };
}

/** Converts seconds to whole milliseconds. Rounds to nanoseconds, and then drops the fraction of a millisecond. */
export const millisecondsOf = (seconds: number): number => Math.trunc(Math.round(seconds * 1e9) / 1e6) + 0;

function inRange(stream: TokenStream, literal: NumberLiteral, blame: Position): NumberLiteral {
  if (!(literal.value > MAX_SECONDS || literal.value < -MAX_SECONDS)) return literal;
  stream.report(blame, "duration out of range");
  return { ...literal, value: 0, duration: false };
}

function checkArithmeticEnabled(stream: TokenStream, position: Position): void {
  if (stream.options.durationExpressions === false)
    stream.report(position, "experimental duration expression is not enabled");
}

/**
 * Parses a computed duration such as `5m`, `-2 * step()` or `(1h + 30m)`. Stops at a binary operator whose precedence
 * is below `minPrecedence`.
 */
function parseArithmetic(stream: TokenStream, minPrecedence: number): DurationOperand {
  const { depth } = stream;
  stream.deepen();
  let left = parseOperand(stream);
  for (;;) {
    const operator = stream.peek();
    const precedence = PRECEDENCE[operator.type] ?? 0;
    if (precedence < minPrecedence || precedence === 0) {
      stream.rise(depth);
      return left;
    }
    stream.take();
    const right = parseArithmetic(stream, operator.type === "^" ? precedence : precedence + 1);
    left = combine(stream, operator, left, right);
    stream.deepen();
  }
}

function combine(stream: TokenStream, operator: Token, lhs: DurationOperand, rhs: DurationOperand): DurationOperand {
  checkArithmeticEnabled(stream, lhs.position);
  const byZero = (operator.type === "/" || operator.type === "%") && rhs.kind === "number" && rhs.value === 0;
  if (byZero) stream.report(operator, operator.type === "/" ? "division by zero" : "modulo by zero");
  const position = { start: lhs.position.start, end: rhs.position.end };
  return { kind: "duration", op: operator.type as DurationOperator, lhs, rhs, wrapped: false, position };
}

function parseOperand(stream: TokenStream): DurationOperand {
  const token = stream.peek();
  if (isLiteral(token)) {
    const literal = parseLiteral(stream);
    return inRange(stream, literal, literal.position);
  }
  if (token.type === "+" || token.type === "-") {
    stream.take();
    return applySign(stream, token, parseArithmetic(stream, UNARY_PRECEDENCE + 1));
  }
  if (token.type === "(") {
    stream.take();
    const inner = parseArithmetic(stream, 0);
    stream.expect(")");
    checkArithmeticEnabled(stream, inner.position);
    return wrap(inner, token.start);
  }
  return parseDurationCall(stream);
}

/**
 * Parses a duration function: `step()`, `range()`, `min_of(a, b)` or `max_of(a, b)`. As in Prometheus, the last two
 * have the position of their arguments. The position of an error includes the sign before the call.
 */
function parseDurationCall(stream: TokenStream, sign?: Token): DurationExpr {
  const token = stream.peek();
  const { type } = token;
  if (type !== "step()" && type !== "range()" && type !== "min_of" && type !== "max_of") stream.unexpected();
  stream.take();
  stream.expect("(");
  let lhs: DurationOperand | null = null;
  let rhs: DurationOperand | null = null;
  if (type === "min_of" || type === "max_of") {
    lhs = parseArithmetic(stream, 0);
    stream.expect(",");
    rhs = parseArithmetic(stream, 0);
  }
  const close = stream.expect(")");
  const position = { start: (lhs?.position ?? token).start, end: (rhs?.position ?? close).end };
  checkArithmeticEnabled(stream, sign ?? position);
  const op = type === "step()" ? "step" : type === "range()" ? "range" : type;
  return { kind: "duration", op, lhs, rhs, wrapped: false, position };
}

/** Records for the printer that a duration is in parentheses. A literal in parentheses becomes a unary plus. */
function wrap(inner: DurationOperand, start: number): DurationExpr {
  if (inner.kind === "duration") return { ...inner, wrapped: true };
  const position = { start, end: inner.position.end };
  return { kind: "duration", op: "+", lhs: null, rhs: inner, wrapped: true, position };
}

function applySign(stream: TokenStream, sign: Token, operand: DurationOperand): DurationOperand {
  if (operand.kind === "number") return inRange(stream, signed(operand, sign), sign);
  if (sign.type === "+") return operand;
  return {
    kind: "duration",
    op: "-",
    lhs: null,
    rhs: operand,
    wrapped: false,
    position: { start: sign.start, end: operand.position.end },
  };
}

/** Parses the range or step in brackets, which must be positive. */
export function parsePositiveDuration(stream: TokenStream): DurationOperand {
  const duration = parseArithmetic(stream, 0);
  if (duration.kind === "number" && duration.value <= 0)
    stream.report(duration.position, "duration must be greater than 0");
  return duration;
}

/**
 * Parses the duration after `offset`. A literal, a call, or parentheses with a sign end the offset, because `foo offset
 * -2^2` means `(foo offset -2)^2`. After parentheses without a sign, the computation continues.
 */
export function parseOffsetDuration(stream: TokenStream): DurationOperand {
  const first = stream.peek();
  const sign = first.type === "+" || first.type === "-" ? first : undefined;
  const token = sign === undefined ? first : stream.peek(1);
  if (isLiteral(token)) {
    if (sign !== undefined) stream.take();
    const literal = parseLiteral(stream);
    return sign === undefined
      ? inRange(stream, literal, literal.position)
      : inRange(stream, signed(literal, sign), sign);
  }
  if (token.type === "step()" || token.type === "range()" || token.type === "min_of" || token.type === "max_of") {
    if (sign !== undefined) stream.take();
    const call = parseDurationCall(stream, sign);
    if (sign === undefined) return call;
    return {
      kind: "duration",
      op: sign.type as "+" | "-",
      lhs: null,
      rhs: call,
      wrapped: false,
      position: { start: sign.start, end: call.position.end },
    };
  }
  if (sign !== undefined && token.type === "(") {
    stream.take();
    stream.take();
    const inner = parseArithmetic(stream, 0);
    stream.expect(")");
    return applySign(stream, sign, wrap(inner, inner.position.start));
  }
  return parseArithmetic(stream, 0);
}
