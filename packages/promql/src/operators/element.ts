import {
  equalHistograms,
  type FloatHistogram,
  HistogramBuilder,
  IncompatibleSchemaError,
  trimHistogram,
} from "@narthex/model";
import type { BinaryOperator } from "../syntax/ast.ts";

/** Returns a power as in C, where 1 to any power and -1 to an infinite power are 1. */
export function power(base: number, exponent: number): number {
  if (base === 1 || (base === -1 && Math.abs(exponent) === Infinity)) return 1;
  return base ** exponent;
}

export type NumberOperation = (a: number, b: number) => number;
export type NumberComparison = (a: number, b: number) => boolean;

const ARITHMETIC: Readonly<Record<string, NumberOperation>> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
  "%": (a, b) => a % b,
  "^": power,
  atan2: (a, b) => Math.atan2(a, b),
};

const COMPARISONS: Readonly<Record<string, NumberComparison>> = {
  "==": (a, b) => a === b,
  "!=": (a, b) => a !== b,
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
};

/** Returns the function for an arithmetic operator; undefined for other operators. */
export const arithmeticOf = (op: BinaryOperator): NumberOperation | undefined => ARITHMETIC[op];

/** Returns the function for a comparison operator; undefined for other operators. */
export const comparisonOf = (op: BinaryOperator): NumberComparison | undefined => COMPARISONS[op];

export const isComparison = (op: BinaryOperator): boolean => COMPARISONS[op] !== undefined;

/** Returns whether an operator is arithmetic. The result of such an operator has no metric name. */
export const isArithmetic = (op: BinaryOperator): boolean => ARITHMETIC[op] !== undefined;

/** Returns the function for "scalar op scalar". A comparison returns 0 or 1. */
export function scalarOperation(op: BinaryOperator): (a: number, b: number) => number {
  const compute = arithmeticOf(op);
  if (compute !== undefined) return compute;
  const compare = comparisonOf(op)!;
  return (a, b) => (compare(a, b) ? 1 : 0);
}

/** A warning or info about applying an operator to a pair of elements. */
export interface ElementAnnotation {
  readonly severity: "warning" | "info";
  readonly text: string;
}

/** Result of applying an operator to two elements, at least one of which is a histogram. */
export interface ElementOutcome {
  /** The resulting histogram or undefined. For a comparison, the histogram on the left side. */
  histogram: FloatHistogram | undefined;
  /** Whether a comparison is true; always true for other operators. */
  keep: boolean;
  /** Whether the operator cannot combine the two elements, so that there is no result. */
  failed: boolean;
  annotation: ElementAnnotation | undefined;
}

const outcome = (histogram: FloatHistogram, keep = true, annotation?: ElementAnnotation): ElementOutcome => ({
  histogram,
  keep,
  failed: false,
  annotation,
});

const failure = (annotation: ElementAnnotation | undefined): ElementOutcome => ({
  histogram: undefined,
  keep: false,
  failed: true,
  annotation,
});

/** Returns the info that an operator cannot combine a float and a histogram, or two histograms. */
export const incompatibleTypes = (
  left: "float" | "histogram",
  op: string,
  right: "float" | "histogram",
): ElementAnnotation => ({
  severity: "info",
  text: `incompatible sample types encountered for binary operator "${op}": ${left} ${op} ${right}`,
});

/**
 * Applies an operator to two elements, at least one of which is a histogram. A side without a histogram is a number.
 */
export function histogramOperation(
  op: BinaryOperator,
  left: FloatHistogram | undefined,
  right: FloatHistogram | undefined,
  leftValue: number,
  rightValue: number,
): ElementOutcome {
  if (left === undefined) {
    if (op === "*") return outcome(new HistogramBuilder(right!).multiply(leftValue).compact().toHistogram());
    return failure(incompatibleTypes("float", op, "histogram"));
  }
  if (right === undefined) {
    switch (op) {
      case "*":
        return outcome(new HistogramBuilder(left).multiply(rightValue).compact().toHistogram());
      case "/":
        return outcome(new HistogramBuilder(left).divide(rightValue).compact().toHistogram());
      case "</":
        return outcome(trimHistogram(left, rightValue, "below"));
      case ">/":
        return outcome(trimHistogram(left, rightValue, "above"));
      default:
        return failure(incompatibleTypes("histogram", op, "float"));
    }
  }
  switch (op) {
    case "+":
    case "-":
      return addOrSubtract(op, left, right);
    case "==":
      return outcome(left, equalHistograms(left, right));
    case "!=":
      return outcome(left, !equalHistograms(left, right));
    default:
      return failure(incompatibleTypes("histogram", op, "histogram"));
  }
}

function addOrSubtract(op: "+" | "-", left: FloatHistogram, right: FloatHistogram): ElementOutcome {
  const word = op === "+" ? "addition" : "subtraction";
  const result = new HistogramBuilder(left);
  try {
    const { hintCollision, boundsReconciled } = op === "+" ? result.add(right) : result.subtract(right);
    if (op === "-") result.hint = "gauge";
    if (hintCollision)
      return failure({ severity: "warning", text: `conflicting counter resets during histogram ${word}` });
    const annotation: ElementAnnotation | undefined = boundsReconciled
      ? { severity: "info", text: `mismatched custom buckets were reconciled during ${word}` }
      : undefined;
    return outcome(result.compact().toHistogram(), true, annotation);
  } catch (error) {
    if (!(error instanceof IncompatibleSchemaError)) throw error;
    return failure({ severity: "warning", text: `incompatible bucket layout encountered for binary operator ${op}` });
  }
}
