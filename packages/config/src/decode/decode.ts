import { type Codec, INVALID } from "./codec.ts";
import { DecodeContext, type DecodeSettings } from "./decode-context.ts";
import { jsonNode, type JsonValue } from "../yaml/json-node.ts";
import { parseYaml, type YamlNode } from "../yaml/node.ts";
import { printYaml } from "../yaml/print.ts";
import type { Problem } from "../problem.ts";
import { withSecretsRevealed } from "./secret.ts";

/** Result of decoding a configuration text: the value, or all problems. `warnings` are sentences for the log. */
export type Loaded<T> =
  | { readonly ok: true; readonly value: T; readonly warnings: readonly string[] }
  | {
      readonly ok: false;
      /** Problems in the order of their positions in the text. */
      readonly problems: readonly Problem[];
      /** The problems in the order in which the decoder found them. Present only if the text was valid YAML. */
      readonly met?: readonly Problem[];
    };

/**
 * Decodes one YAML text. An empty text decodes as an empty mapping.
 *
 * ```ts
 * const loaded = decodeYaml("scrape_interval: 15s", "a.yml", section("T", { interval: field("scrape_interval", millis, 0) }));
 * // => { ok: true, value: { interval: 15000 }, warnings: [] }
 * ```
 */
export function decodeYaml<T>(text: string, file: string, codec: Codec<T>, settings: DecodeSettings = {}): Loaded<T> {
  const parsed = parseYaml(text, file);
  if (parsed.problems.length > 0) return { ok: false, problems: parsed.problems };
  return decodeNode(parsed.root ?? { kind: "map", entries: [], line: 1, column: 1 }, file, codec, settings);
}

/** Decodes a YAML tree that has already been parsed. */
export function decodeNode<T>(node: YamlNode, file: string, codec: Codec<T>, settings: DecodeSettings = {}): Loaded<T> {
  const context = new DecodeContext(file, settings);
  const value = codec.decode(node, context);
  const problems = [...context.problems].sort((a, b) => a.line - b.line || a.column - b.column);
  if (value === INVALID || problems.length > 0) return { ok: false, problems, met: context.problems };
  return { ok: true, value, warnings: [] };
}

/** Decodes a value that does not come from a file. Its problems have no positions. */
export const decodeJson = <T>(value: JsonValue, codec: Codec<T>): Loaded<T> => decodeNode(jsonNode(value), "", codec);

/**
 * Returns a text that is equal for two values exactly if they mean the same. A reload compares such texts to find
 * changes. The text contains secrets in plain text, so never show it.
 */
export const identityOf = <T>(codec: Codec<T>, value: T): string =>
  withSecretsRevealed(() => printYaml(codec.encode(value)));
