import type { DecodeContext } from "./decode-context.ts";
import type { ScalarNode, YamlNode } from "../yaml/node.ts";

/** What decode() gives back when it has reported a problem. */
export const INVALID: unique symbol = Symbol("invalid");

export type Decoded<T> = T | typeof INVALID;

/** A value ready to be printed as YAML; maps are entry lists in print order. Whole numbers beyond 2^53 are bigints. */
export type Printable = string | number | bigint | boolean | null | PrintableList | PrintableMap;

export interface PrintableList {
  readonly items: readonly Printable[];
  /** `[a, b]` instead of a line each. */
  readonly flow?: boolean;
}

export interface PrintableMap {
  readonly entries: readonly (readonly [key: string, value: Printable])[];
}

/** Reads one kind of value out of YAML and writes it back. */
export interface Codec<T> {
  /** The type upstream's messages name when a value has the wrong shape. */
  readonly goType: string;
  /** Reports what is wrong to the context and gives INVALID then. Null nodes come here only inside lists and maps. */
  decode(node: YamlNode, context: DecodeContext): Decoded<T>;
  /** What null stands for as a field's value: Go's zero value. Without it null means the field's default. */
  whenNull?(node: YamlNode, context: DecodeContext): Decoded<T>;
  encode(value: T): Printable;
  /** Left out when printed; sections decide on fields that always show. */
  isZero(value: T): boolean;
}

/** As upstream shows a value in a wrong-type message. */
export function shown(node: YamlNode): string {
  if (node.kind === "map") return "!!map";
  if (node.kind === "list") return "!!seq";
  const text = node.text.length > 10 ? `${node.text.slice(0, 7)}...` : node.text;
  return `${node.tag} \`${text}\``;
}

/** Reports `cannot unmarshal … into …`. */
export function wrongType(node: YamlNode, goType: string, context: DecodeContext, hint: string): typeof INVALID {
  context.reportValue(node, "wrong-type", `cannot unmarshal ${shown(node)} into ${goType}`, hint);
  return INVALID;
}

/**
 * The scalar, or a wrong-type report. `!env NAME` gives what the environment holds, where the file may ask for it: a
 * variable that is not set is reported.
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
