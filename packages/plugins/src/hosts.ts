import type { Fail } from "./manifest-values.ts";

/** Entry of `hosts` that means the host of the URL in a source's settings. */
export const SOURCE_URL = "url of the source";

const MAX_HOSTS = 50;
const HOST = /^(?:\[[0-9a-f:.]{2,45}\]|(?:\*\.)?[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?):(?:\d{1,5}|\*)$/;

/** Reads the hosts that a source may reach. At least one is needed. */
export function readHosts(list: readonly unknown[], fail: Fail): readonly string[] {
  if (list.length === 0) fail(`"hosts" must name the hosts that the source may reach: "${SOURCE_URL}", or host:port`);
  if (list.length > MAX_HOSTS) fail(`"hosts" has more than ${MAX_HOSTS} entries`);
  return list.map((host) => {
    if (typeof host === "string" && (host === SOURCE_URL || HOST.test(host))) return host;
    return fail(
      `"hosts" contains ${JSON.stringify(host)}; write "${SOURCE_URL}", host:port, *.domain:port or host:*, in lower case`,
    );
  });
}

/**
 * Reports whether a plugin may reach a URL.
 * @param base URL of the source's settings
 */
export function reaches(hosts: readonly string[], base: URL, url: URL): boolean {
  const port = url.port === "" ? (url.protocol === "https:" ? "443" : "80") : url.port;
  return hosts.some((entry) => {
    if (entry === SOURCE_URL) return url.origin === base.origin;
    const colon = entry.lastIndexOf(":");
    const [host, allowed] = [entry.slice(0, colon), entry.slice(colon + 1)];
    if (allowed !== "*" && allowed !== port) return false;
    return host.startsWith("*.") ? url.hostname.endsWith(host.slice(1)) : url.hostname === host;
  });
}
