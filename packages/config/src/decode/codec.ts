import type { DecodeContext } from "./decode-context.ts";
import type { ScalarNode, YamlNode } from "../yaml/node.ts";

/** Returned by decode() for an invalid value. The problem with the value was already reported. */
export const INVALID: unique symbol = Symbol("invalid");

export type Decoded<T> = T | typeof INVALID;

/**
 * A value that can be printed as YAML. Maps are lists of entries in printing order. Integers beyond 2^53 are bigints.
 */
export type Printable = string | number | bigint | boolean | null | PrintableList | PrintableMap;

export interface PrintableList {
  readonly items: readonly Printable[];
  /** True to print the list as `[a, b]` instead of one line per item. */
  readonly flow?: boolean;
}

export interface PrintableMap {
  readonly entries: readonly (readonly [key: string, value: Printable])[];
}

/** Decodes values of one type from YAML, and encodes them again. */
export interface Codec<T> {
  /** Name of the Go type, which Prometheus' error messages show for a value of the wrong type. */
  readonly goType: string;
  /**
   * Decodes a YAML node. If the value is invalid, reports the problems to the context and returns INVALID. Null nodes
   * are passed only for items of lists and maps.
   */
  decode(node: YamlNode, context: DecodeContext): Decoded<T>;
  /**
   * Returns Go's zero value for a key that is null in the file. If a decoder lacks this method, a null key gets the
   * default.
   */
  whenNull?(node: YamlNode, context: DecodeContext): Decoded<T>;
  encode(value: T): Printable;
  /** Reports whether the value is Go's zero value. Such a value is usually not printed. */
  isZero(value: T): boolean;
}

/** Returns the value of a YAML node as Prometheus shows it in errors about a wrong type. */
function shown(node: YamlNode): string {
  if (node.kind === "map") return "!!map";
  if (node.kind === "list") return "!!seq";
  const text = node.text.length > 10 ? `${node.text.slice(0, 7)}...` : node.text;
  return `${node.tag} \`${text}\``;
}

/** Reports the problem `cannot unmarshal … into …` for a YAML node of the wrong type. */
export function wrongType(node: YamlNode, goType: string, context: DecodeContext, hint: string): typeof INVALID {
  context.reportValue(node, "wrong-type", `cannot unmarshal ${shown(node)} into ${goType}`, hint);
  return INVALID;
}

/**
 * Returns the YAML node if it is a scalar; otherwise reports a wrong type. If `!env NAME` is enabled, replaces such a
 * node by the value of the environment variable, and reports a variable that is not set or empty.
 */
export function scalarOf(node: YamlNode, goType: string, context: DecodeContext): Decoded<ScalarNode> {
  if (node.kind !== "scalar") return wrongType(node, goType, context, "give a single value");
  if (node.isVariable === undefined || context.environment === undefined) return node;
  const text = context.environment[node.text] ?? "";
  if (text !== "") return { ...node, text };
  const message = `environment variable ${JSON.stringify(node.text)} is not set`;
  context.reportValue(node, "unset-variable", message, "set it for the process, or write the value here");
  return INVALID;
}
