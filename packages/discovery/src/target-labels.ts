/** Returns `host:port` with an IPv6 address in brackets, like Go's net.JoinHostPort. */
export const hostPort = (host: string, port: number): string =>
  host.includes(":") || host.includes("%") ? `[${host}]:${port}` : `${host}:${port}`;

/** Converts a name to a part of a label name. Each character that is not allowed becomes `_`. */
export const sanitizeLabelName = (name: string): string => name.replace(/[^a-zA-Z0-9_]/gu, "_");

/**
 * Returns labels named `<prefix><name>` for the properties of an object in a service's answer. Null counts as an empty
 * object or text.
 */
export function prefixedLabels(
  prefix: string,
  labels: Readonly<Record<string, string | null>> | null | undefined,
): Record<string, string> {
  const out: Record<string, string> = {};
  for (const [name, value] of Object.entries(labels ?? {})) out[prefix + sanitizeLabelName(name)] = value ?? "";
  return out;
}

/**
 * Returns `,a,b,`, or "" for an empty list. With the outer separators, a regular expression such as `.*,a,.*` can match
 * any whole item.
 */
export const joinedList = (values: readonly string[], separator = ","): string =>
  values.length === 0 ? "" : separator + values.join(separator) + separator;
