import { type Codec, INVALID, type PrintableMap } from "../decode/codec.ts";
import { listOf } from "../decode/collections.ts";
import type { DecodeContext } from "../decode/decode-context.ts";
import { isNull, type MapEntry } from "../yaml/node.ts";
import { wrongType, type Decoded } from "../decode/codec.ts";
import type { Rest } from "../decode/section.ts";
import type { DiscoveryConfig } from "./targets.ts";

/** A mechanism of target discovery that Narthex supports, such as discovery in files. */
export interface DiscoveryKind {
  /** Key of the mechanism in the configuration, such as `file_sd_configs`. */
  readonly key: string;
  /** Prometheus' Go type of an entry, if it is not `<kind>.SDConfig`. Error messages show this name. */
  readonly goType?: string;
  /** Codec of one entry of the list under the mechanism's key. */
  readonly codec: Codec<unknown>;
}

/**
 * Accepts the `<kind>_sd_configs` keys of these kinds in a section: kinds that find targets, or kinds that find whole
 * jobs, which Prometheus does not have.
 */
export function discoveryRest(kinds: readonly DiscoveryKind[]): Rest<readonly DiscoveryConfig[]> {
  const codecs = new Map(kinds.map(({ key, codec }) => [key, codec]));
  const goTypes = new Map(
    kinds.map(({ key, goType }) => [key, goType ?? `${key.replace("_sd_configs", "")}.SDConfig`]),
  );
  return {
    entry: "rest",
    keys: [...codecs.keys()],
    claims: (key) => codecs.has(key),
    decode(entries, context) {
      const found: DiscoveryConfig[] = [];
      let sound = true;
      for (const entry of entries) {
        if (isNull(entry.value)) continue;
        const decoded = decodeList(
          entry,
          codecs.get(entry.key.text)!,
          goTypes.get(entry.key.text)!,
          context.within(entry.key.text),
        );
        if (decoded === INVALID) sound = false;
        else for (const item of decoded) found.push(item);
      }
      return sound ? found : INVALID;
    },
    encode: (value) => encodeByKind(value, codecs),
  };
}

function decodeList(
  entry: MapEntry,
  codec: Codec<unknown>,
  goType: string,
  context: DecodeContext,
): Decoded<readonly DiscoveryConfig[]> {
  const kind = entry.key.text;
  const { value } = entry;
  if (value.kind !== "list") return wrongType(value, `[]*${goType}`, context, "write a list");
  const positioned: Codec<DiscoveryConfig> = {
    goType: codec.goType,
    decode(node, inner) {
      const config = codec.decode(node, inner);
      return config === INVALID ? INVALID : { kind, config, position: { line: node.line, column: node.column } };
    },
    encode: (item) => codec.encode(item.config),
    isZero: () => false,
  };
  return listOf(positioned, { nullItem: `empty or null section in ${kind}` }).decode(value, context);
}

function encodeByKind(
  value: readonly DiscoveryConfig[],
  codecs: ReadonlyMap<string, Codec<unknown>>,
): PrintableMap["entries"] {
  const byKind = Map.groupBy(value, ({ kind }) => kind);
  return [...byKind]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([kind, items]) => [kind, { items: items.map(({ config }) => codecs.get(kind)!.encode(config)) }] as const);
}
