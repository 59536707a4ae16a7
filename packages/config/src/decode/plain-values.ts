import { type Codec, INVALID, scalarOf, wrongType } from "./codec.ts";
import { boolOf, numberOf } from "../yaml/scalar.ts";

/** Codec for any scalar as text, exactly as written in the file (`1` becomes "1"). */
export const text: Codec<string> = {
  goType: "string",
  decode(node, context) {
    const scalar = scalarOf(node, "string", context);
    return scalar === INVALID ? INVALID : scalar.tag === "!!null" ? "" : scalar.text;
  },
  whenNull: () => "",
  encode: (value) => value,
  isZero: (value) => value === "",
};

/** Codec for a boolean in any spelling of YAML 1.1: true, yes, on … */
export const flag: Codec<boolean> = {
  goType: "bool",
  decode(node, context) {
    if (node.kind === "scalar" && node.tag === "!!bool") return boolOf(node.text);
    return wrongType(node, "bool", context, "write true or false, without quotes");
  },
  whenNull: () => false,
  encode: (value) => value,
  isZero: (value) => !value,
};

function numeric(goType: string, accepts: (value: number) => boolean, whole: boolean, hint: string): Codec<number> {
  return {
    goType,
    decode(node, context) {
      if (node.kind !== "scalar" || (node.tag !== "!!int" && node.tag !== "!!float")) {
        return wrongType(node, this.goType, context, hint);
      }
      const read = numberOf(node.text);
      const value = whole ? Math.trunc(read) : read;
      return accepts(value) ? value : wrongType(node, this.goType, context, hint);
    },
    whenNull: () => 0,
    encode: (value) => value,
    isZero: (value) => value === 0,
  };
}

/** Codec for an integer of at least 0. Fractions are cut off, as in Prometheus. */
export const wholeNumber: Codec<number> = numeric(
  "uint",
  (value) => value >= 0 && value <= 2 ** 64,
  true,
  "write a whole number from 0 up, without quotes",
);

/** Codec for an integer of at least 0 that Prometheus stores in 64 bits. */
export const wholeNumber64: Codec<number> = { ...wholeNumber, goType: "uint64" };

/** Codec for an integer that may be negative. */
export const integer: Codec<number> = numeric(
  "int",
  (value) => value >= -(2 ** 63) && value < 2 ** 63,
  true,
  "write a whole number, without quotes",
);

/** Codec for an integer that may be negative and that Prometheus stores in 64 bits. */
export const integer64: Codec<number> = { ...integer, goType: "int64" };

/** Codec for a number that may have a fraction. */
export const decimal: Codec<number> = numeric("float64", () => true, false, "write a number, without quotes");

/**
 * Returns the codec of a text that must be one of some words. `message` returns Prometheus' error for any other text.
 * Go's zero value is "".
 */
export function oneOf<T extends string>(
  words: readonly T[],
  message: (found: string) => string,
  code = "unknown-value",
): Codec<T> {
  return {
    goType: "string",
    decode(node, context) {
      const scalar = scalarOf(node, "string", context);
      if (scalar === INVALID) return INVALID;
      const word = words.find((candidate) => candidate === scalar.text);
      if (word !== undefined) return word;
      const choices = words.filter((candidate) => candidate !== "");
      context.reportValue(node, code, message(scalar.text), `use one of ${choices.join(", ")}`);
      return INVALID;
    },
    encode: (value) => value,
    isZero: (value) => value === "",
  };
}
