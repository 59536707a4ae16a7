/** Relative addresses are read against this, which is no host. */
const BASE = "http://relative.invalid";

/** What a link may lead to. Not `javascript:` or `data:`, which run in the page's name. */
const SAFE: ReadonlySet<string> = new Set(["http:", "https:", "mailto:", "tel:"]);

/** Longer addresses are no addresses. */
const MAX_ADDRESS = 100_000;

/**
 * An address as a link may have it: of http, https, mailto or tel, or relative. It is read as a browser reads it, for which spaces
 * and control characters before and within a scheme do not count.
 *
 * @returns undefined where it is none of these, or empty
 */
export function safeAddress(text: string): string | undefined {
  const trimmed = text.replaceAll(/[\t\n\r]/g, "").trim();
  if (trimmed === "" || trimmed.length > MAX_ADDRESS) return undefined;
  const url = URL.parse(trimmed, BASE);
  return url !== null && SAFE.has(url.protocol) ? trimmed : undefined;
}

/** Sets parameters of an address, each with all its values in place of those it had; the rest of it stays as it is written. */
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
