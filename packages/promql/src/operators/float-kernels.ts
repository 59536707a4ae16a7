import type { BinaryOperator } from "../syntax/ast.ts";
import { power } from "./element.ts";
import { FLOAT } from "./operator.ts";

/**
 * Computes `out[i]` from `left[i]` and `right[i]` for each i for which `marks[i]` is FLOAT. All arrays are equally
 * long. `out` may be `left` or `right`. Each operator has its own loop: one loop that calls a function for each
 * operator would allocate numbers on the heap.
 */
export type FloatKernel = (left: Float64Array, right: Float64Array, marks: Uint8Array, out: Float64Array) => void;

const add: FloatKernel = (left, right, marks, out) => {
  for (let i = 0; i < marks.length; i++) if (marks[i] === FLOAT) out[i] = left[i]! + right[i]!;
};
const subtract: FloatKernel = (left, right, marks, out) => {
  for (let i = 0; i < marks.length; i++) if (marks[i] === FLOAT) out[i] = left[i]! - right[i]!;
};
const multiply: FloatKernel = (left, right, marks, out) => {
  for (let i = 0; i < marks.length; i++) if (marks[i] === FLOAT) out[i] = left[i]! * right[i]!;
};
const divide: FloatKernel = (left, right, marks, out) => {
  for (let i = 0; i < marks.length; i++) if (marks[i] === FLOAT) out[i] = left[i]! / right[i]!;
};
const remainder: FloatKernel = (left, right, marks, out) => {
  for (let i = 0; i < marks.length; i++) if (marks[i] === FLOAT) out[i] = left[i]! % right[i]!;
};
const raise: FloatKernel = (left, right, marks, out) => {
  for (let i = 0; i < marks.length; i++) if (marks[i] === FLOAT) out[i] = power(left[i]!, right[i]!);
};
const angle: FloatKernel = (left, right, marks, out) => {
  for (let i = 0; i < marks.length; i++) if (marks[i] === FLOAT) out[i] = Math.atan2(left[i]!, right[i]!);
};

const equal: FloatKernel = (left, right, marks, out) => {
  for (let i = 0; i < marks.length; i++) if (marks[i] === FLOAT) out[i] = left[i] === right[i] ? 1 : 0;
};
const unequal: FloatKernel = (left, right, marks, out) => {
  for (let i = 0; i < marks.length; i++) if (marks[i] === FLOAT) out[i] = left[i] === right[i] ? 0 : 1;
};
const less: FloatKernel = (left, right, marks, out) => {
  for (let i = 0; i < marks.length; i++) if (marks[i] === FLOAT) out[i] = left[i]! < right[i]! ? 1 : 0;
};
const atMost: FloatKernel = (left, right, marks, out) => {
  for (let i = 0; i < marks.length; i++) if (marks[i] === FLOAT) out[i] = left[i]! <= right[i]! ? 1 : 0;
};
const greater: FloatKernel = (left, right, marks, out) => {
  for (let i = 0; i < marks.length; i++) if (marks[i] === FLOAT) out[i] = left[i]! > right[i]! ? 1 : 0;
};
const atLeast: FloatKernel = (left, right, marks, out) => {
  for (let i = 0; i < marks.length; i++) if (marks[i] === FLOAT) out[i] = left[i]! >= right[i]! ? 1 : 0;
};

const ARITHMETIC: Readonly<Record<string, FloatKernel>> = {
  "+": add,
  "-": subtract,
  "*": multiply,
  "/": divide,
  "%": remainder,
  "^": raise,
  atan2: angle,
};

const COMPARISONS: Readonly<Record<string, FloatKernel>> = {
  "==": equal,
  "!=": unequal,
  "<": less,
  "<=": atMost,
  ">": greater,
  ">=": atLeast,
};

/** Returns the function that applies an arithmetic operator to arrays; undefined for other operators. */
export const arithmeticKernel = (op: BinaryOperator): FloatKernel | undefined => ARITHMETIC[op];

/**
 * Returns the function that applies a comparison to arrays, with the results 1 and 0. Undefined for other operators.
 */
export const comparisonKernel = (op: BinaryOperator): FloatKernel | undefined => COMPARISONS[op];
