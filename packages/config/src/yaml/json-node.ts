import type { Position } from "../problem.ts";
import type { ScalarTag } from "./scalar.ts";
import type { ScalarNode, YamlNode } from "./node.ts";

/** Any JSON value. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

const NOWHERE: Position = { line: 0, column: 0 };

const scalar = (tag: ScalarTag, text: string): ScalarNode => ({ kind: "scalar", tag, text, ...NOWHERE });

/** Converts a JSON value to a YAML tree, for values that do not come from a file. */
export function jsonNode(value: JsonValue): YamlNode {
  if (value === null) return scalar("!!null", "");
  if (typeof value === "string") return scalar("!!str", value);
  if (typeof value === "boolean") return scalar("!!bool", String(value));
  if (typeof value === "number") return scalar(Number.isInteger(value) ? "!!int" : "!!float", String(value));
  if (Array.isArray(value)) return { kind: "list", items: (value as readonly JsonValue[]).map(jsonNode), ...NOWHERE };
  const entries = Object.entries(value as { readonly [key: string]: JsonValue }).map(([key, child]) => ({
    key: scalar("!!str", key),
    value: jsonNode(child),
    merged: false,
  }));
  return { kind: "map", entries, ...NOWHERE };
}
