import { type Codec, INVALID, type PrintableMap } from "../decode/codec.ts";
import { anyMapping, listOf } from "../decode/collections.ts";
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
 * Returns the configuration keys for the discovery of whole jobs. They resemble Prometheus' keys for the discovery of
 * targets; Prometheus does not discover jobs.
 */
export function jobDiscoveryRest(kinds: readonly DiscoveryKind[]): Rest<readonly DiscoveryConfig[]> {
  return restOf(new Map(kinds.map((kind) => [kind.key, kind.codec])), kinds, () => undefined);
}

/** All of Prometheus' discovery keys. Entries of mechanisms that Narthex does not support are kept as written. */
export const UPSTREAM_KEYS: readonly string[] = (
  "aws azure consul digitalocean dns docker dockerswarm ec2 ecs elasticache eureka file gce hetzner http ionos kubernetes " +
  "kuma lightsail linode marathon msk nerve nomad oci openstack outscale ovhcloud puppetdb rds scaleway serverset stackit " +
  "triton uyuni vultr"
)
  .split(" ")
  .map((name) => `${name}_sd_configs`);

/**
 * Accepts the `<kind>_sd_configs` keys in a section. `unbuilt` is called for each key in use that Narthex does not
 * support.
 */
export function discoveryRest(
  kinds: readonly DiscoveryKind[],
  unbuilt: (key: string) => void,
): Rest<readonly DiscoveryConfig[]> {
  const codecs = new Map<string, Codec<unknown>>(UPSTREAM_KEYS.map((key) => [key, anyMapping as Codec<unknown>]));
  for (const { key, codec } of kinds) codecs.set(key, codec);
  return restOf(codecs, kinds, unbuilt);
}

function restOf(
  codecs: ReadonlyMap<string, Codec<unknown>>,
  kinds: readonly DiscoveryKind[],
  unbuilt: (key: string) => void,
): Rest<readonly DiscoveryConfig[]> {
  const built = new Map(kinds.map((kind) => [kind.key, kind]));
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
          built.get(entry.key.text)?.goType ?? `${entry.key.text.replace("_sd_configs", "")}.SDConfig`,
          context.within(entry.key.text),
        );
        if (decoded === INVALID) sound = false;
        else for (const item of decoded) found.push(item);
        if (!built.has(entry.key.text)) unbuilt(entry.key.text);
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
