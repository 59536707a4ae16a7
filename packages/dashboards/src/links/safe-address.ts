/** Base URL to parse relative addresses. The host does not exist. */
const BASE = "http://relative.invalid";

/** Schemes that a link may have. `javascript:` and `data:` are excluded, since they run with the page's origin. */
const SAFE: ReadonlySet<string> = new Set(["http:", "https:", "mailto:", "tel:"]);

/** Length of the longest address, in characters. */
const MAX_ADDRESS = 100_000;

/**
 * Returns an address if links may have it: http, https, mailto, tel or relative. The address is parsed as in browsers,
 * which ignore spaces and control characters before and within a scheme.
 * @returns undefined if the address is unsafe or empty
 */
export function safeAddress(text: string): string | undefined {
  const trimmed = text.replaceAll(/[\t\n\r]/g, "").trim();
  if (trimmed === "" || trimmed.length > MAX_ADDRESS) return undefined;
  const url = URL.parse(trimmed, BASE);
  return url !== null && SAFE.has(url.protocol) ? trimmed : undefined;
}

/**
 * Sets parameters of an address, each with all its values. Existing values of these parameters are replaced. The rest
 * of the address stays unchanged.
 */
export function withParameters(
  address: string,
  parameters: Iterable<readonly [name: string, values: readonly string[]]>,
): string {
  const [, path = "", search = "", fragment = ""] = /^([^?#]*)(\?[^#]*)?(#[^]*)?$/.exec(address) ?? [];
  const params = new URLSearchParams(search);
  for (const [name, values] of parameters) {
    params.delete(name);
    for (const value of values) params.append(name, value);
  }
  return `${path}${params.size === 0 ? "" : `?${params.toString()}`}${fragment}`;
}
