/** `host:port`, an IPv6 address in brackets, as net.JoinHostPort of Go. */
export const hostPort = (host: string, port: number): string =>
  host.includes(":") || host.includes("%") ? `[${host}]:${port}` : `${host}:${port}`;

/** A foreign name as the end of a label's: each character that cannot stand there becomes `_`. */
export const sanitizeLabelName = (name: string): string => name.replace(/[^a-zA-Z0-9_]/gu, "_");

/** `<prefix><name>` for each entry of a map that a service answers; null is an empty map or text. */
export function prefixedLabels(
  prefix: string,
  labels: Readonly<Record<string, string | null>> | null | undefined,
): Record<string, string> {
  const out: Record<string, string> = {};
  for (const [name, value] of Object.entries(labels ?? {})) out[prefix + sanitizeLabelName(name)] = value ?? "";
  return out;
}
