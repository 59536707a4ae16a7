import type { DecodeContext } from "./decode-context.ts";
import type { ScalarNode, YamlNode } from "../yaml/node.ts";

/** Returned by decode() instead of a value after decode() has reported a problem. */
export const INVALID: unique symbol = Symbol("invalid");

export type Decoded<T> = T | typeof INVALID;

/**
 * A value that is ready to be printed as YAML. Maps are entry lists in print order. Integers beyond 2^53 are bigints.
 */
export type Printable = string | number | bigint | boolean | null | PrintableList | PrintableMap;

export interface PrintableList {
  readonly items: readonly Printable[];
  /** True to print `[a, b]` instead of one line for each item. */
  readonly flow?: boolean;
}

export interface PrintableMap {
  readonly entries: readonly (readonly [key: string, value: Printable])[];
}

/** Decodes one kind of value from YAML and encodes it again. */
export interface Codec<T> {
  /** Name of the Go type that Prometheus' error messages show if a value has the wrong shape. */
  readonly goType: string;
  /**
   * Decodes a node. If the value is invalid, reports the problems to the context and returns INVALID. Null nodes are
   * passed only for items of lists and maps.
   */
  decode(node: YamlNode, context: DecodeContext): Decoded<T>;
  /**
   * Returns the value of a field that is null in the file: Go's zero value. If a codec lacks this method, null means
   * the field's default.
   */
  whenNull?(node: YamlNode, context: DecodeContext): Decoded<T>;
  encode(value: T): Printable;
  /** Reports whether the value is omitted when printed. Sections decide which fields are always shown. */
  isZero(value: T): boolean;
}

/** Returns a node's value in the form in which Prometheus shows it in a wrong-type message. */
function shown(node: YamlNode): string {
  if (node.kind === "map") return "!!map";
  if (node.kind === "list") return "!!seq";
  const text = node.text.length > 10 ? `${node.text.slice(0, 7)}...` : node.text;
  return `${node.tag} \`${text}\``;
}

/** Reports the problem `cannot unmarshal … into …` for a node of the wrong type. */
export function wrongType(node: YamlNode, goType: string, context: DecodeContext, hint: string): typeof INVALID {
  context.reportValue(node, "wrong-type", `cannot unmarshal ${shown(node)} into ${goType}`, hint);
  return INVALID;
}

/**
 * Returns the node if it is a scalar, otherwise reports a wrong type. If `!env NAME` is enabled, returns the
 * environment variable's value and reports a variable that is not set or empty.
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
