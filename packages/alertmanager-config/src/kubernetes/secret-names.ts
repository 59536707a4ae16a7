import type { Printable } from "@narthex/config";

/**
 * Names of accounts and certificates in a receiver's settings, by section. In a file they are not secret. In an object
 * they come from a Secret, and the object may name any Secret of its namespace.
 */
const NAMES: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ["basic_auth", new Set(["username"])],
  ["oauth2", new Set(["client_id"])],
  ["sigv4", new Set(["access_key"])],
  ["tls_config", new Set(["ca", "cert"])],
]);

/** Replaces the names of accounts and the certificates in a printed receiver of an object by `<secret>`. */
export function withoutSecretNames(value: Printable, section = ""): Printable {
  if (typeof value !== "object" || value === null) return value;
  if ("items" in value) return { ...value, items: value.items.map((item) => withoutSecretNames(item)) };
  const hidden = NAMES.get(section);
  return {
    entries: value.entries.map(([key, child]) =>
      hidden?.has(key) === true && child !== "" ? [key, "<secret>"] : [key, withoutSecretNames(child, key)],
    ),
  };
}
