import { type Codec, INVALID, type Printable, wrongType } from "./codec.ts";
import { isNull, type MapEntry, type YamlNode } from "../yaml/node.ts";
import { boolOf, exactNumberOf } from "../yaml/scalar.ts";
import type { DecodeContext } from "./decode-context.ts";
import { compareYamlKeys } from "./key-order.ts";
import { withoutPassword } from "./locations.ts";
import { secretsRevealed, shownSecret } from "./secret.ts";

export interface ListOptions {
  /** Prometheus' error for a null item of a list. If undefined, the codec of the items decodes null. */
  readonly nullItem?: string;
  /** True to print the list on one line, `[a, b]`. */
  readonly flow?: boolean;
  /** Name of the list's Go type in errors. Default: `[]` + the Go type of the items. */
  readonly goType?: string;
}

/**
 * Returns the codec of a list. After an invalid item, decodes the remaining items too, so that all problems are
 * reported at once.
 */
export function listOf<T>(item: Codec<T>, options: ListOptions = {}): Codec<readonly T[]> {
  const goType = options.goType ?? `[]${item.goType}`;
  return {
    goType,
    decode(node, context) {
      if (isNull(node)) return [];
      if (node.kind !== "list") return wrongType(node, goType, context, "write a list: one `- ` per entry, or [a, b]");
      const items: T[] = [];
      let sound = true;
      for (const child of node.items) {
        if (isNull(child) && options.nullItem !== undefined) {
          context.report(child, "null-entry", options.nullItem, "remove the empty `-`");
          sound = false;
          continue;
        }
        const decoded = item.decode(child, context);
        if (decoded === INVALID) sound = false;
        else items.push(decoded);
      }
      return sound ? items : INVALID;
    },
    whenNull: () => [],
    encode: (value) => ({ items: value.map((entry) => item.encode(entry)), flow: options.flow ?? false }),
    isZero: (value) => value.length === 0,
  };
}

/**
 * Reports repeated keys of a YAML mapping, including keys that merges (`<<`) add. Returns true if a key is repeated.
 */
function reportRepeats(entries: readonly MapEntry[], context: DecodeContext): boolean {
  const seen = new Set<string>();
  let found = false;
  for (const { key } of entries) {
    if (seen.has(key.text)) {
      context.reportValue(key, "repeated-key", `key "${key.text}" already set in map`, "keep one of the two");
      found = true;
    }
    seen.add(key.text);
  }
  return found;
}

/** Returns the codec of a mapping with arbitrary keys. The mapping is printed sorted by key. */
export function mapOf<T>(item: Codec<T>, goType = `map[string]${item.goType}`): Codec<ReadonlyMap<string, T>> {
  return {
    goType,
    decode(node, context) {
      if (node.kind !== "map") return wrongType(node, goType, context, "write a mapping: `key: value`");
      const map = new Map<string, T>();
      let sound = !reportRepeats(node.entries, context);
      for (const { key, value } of node.entries) {
        const decoded = item.decode(value, context.within(`${context.field}.${key.text}`));
        if (decoded === INVALID) sound = false;
        else map.set(key.text, decoded);
      }
      return sound ? map : INVALID;
    },
    whenNull: () => new Map<string, T>(),
    encode: (value) => ({
      entries: [...value]
        .sort(([a], [b]) => compareYamlKeys(a, b))
        .map(([key, entry]) => [key, item.encode(entry)] as const),
    }),
    isZero: (value) => value.size === 0,
  };
}

/** Converts a YAML tree to plain data, for parts of the configuration that are stored but not interpreted. */
function plain(node: YamlNode): Printable {
  if (node.kind === "list") return { items: node.items.map(plain) };
  if (node.kind === "map") return { entries: node.entries.map(({ key, value }) => [key.text, plain(value)] as const) };
  if (node.tag === "!!null") return null;
  if (node.tag === "!!bool") return boolOf(node.text);
  return node.tag === "!!int" || node.tag === "!!float" ? exactNumberOf(node.text) : node.text;
}

/**
 * Codec for a mapping with any content, printed as written. Hides passwords in URLs and the values of secret keys such
 * as `password`.
 */
export const anyMapping: Codec<Printable> = {
  goType: "config.plain",
  decode(node, context) {
    if (node.kind === "map" || isNull(node))
      return plain(node.kind === "map" ? node : { ...node, kind: "map", entries: [] });
    return wrongType(node, "config.plain", context, "write a mapping: `key: value`");
  },
  encode: (value) => withoutSecrets(value, ""),
  isZero: (value) => value === null,
};

/** Codec for any value. Mappings in the value are printed sorted by key, as Prometheus does. */
export const anyValue: Codec<Printable> = {
  goType: "interface {}",
  decode: (node) => plain(node),
  encode: sorted,
  isZero: (value) => value === null,
};

function sorted(value: Printable): Printable {
  if (typeof value !== "object" || value === null) return value;
  if ("items" in value) return { ...value, items: value.items.map(sorted) };
  const entries = value.entries.map(([key, entry]) => [key, sorted(entry)] as const);
  return { entries: entries.sort(([a], [b]) => compareYamlKeys(a, b)) };
}

/** Key of headers that are sent to a proxy; their values are secrets. */
const PROXY_HEADERS = "proxy_connect_header";

/** Keys that contain secrets in any of Prometheus' sections. */
const SECRET_KEYS: ReadonlySet<string> = new Set(
  (
    `${PROXY_HEADERS} ` +
    "password secret_key client_secret token auth_token bearer_token credentials key_passphrase secrets consumer_key " +
    "application_credential_secret application_secret service_account_key private_key client_certificate_key " +
    "certificate_password"
  ).split(" "),
);

function withoutSecrets(value: Printable, key: string): Printable {
  if (typeof value === "object" && value !== null) {
    if ("items" in value) return { ...value, items: value.items.map((item) => withoutSecrets(item, key)) };
    const entries = value.entries.map(([name, entry]) => {
      // Treats `key` in tls_config as a secret, because it is a private key. In other mappings, `key` may be the name
      // of a label.
      const secret = name === "key" && key === "tls_config" ? "private_key" : name;
      // Hides every value inside `proxy_connect_header`: the keys are header names, and all values are secrets.
      return [name, withoutSecrets(entry, key === PROXY_HEADERS ? PROXY_HEADERS : secret)] as const;
    });
    return { entries };
  }
  if (SECRET_KEYS.has(key)) return value === null || value === "" ? value : shownSecret(String(value));
  return typeof value === "string" && value.includes("://") && !secretsRevealed() ? withoutPassword(value) : value;
}
