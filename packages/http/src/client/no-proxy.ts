import { BlockList, isIP } from "node:net";

/**
 * Is the host reached directly? `list` is comma-separated: `*`, host names (a leading dot or `*.` means subdomains only, else
 * the name and its subdomains), IP addresses, CIDRs; each with an optional port.
 */
export function bypassesProxy(list: string, target: URL): boolean {
  const host = target.hostname.replace(/^\[|\]$/g, "").toLowerCase();
  const port = target.port === "" ? (target.protocol === "https:" ? "443" : "80") : target.port;
  return list
    .split(",")
    .map((entry) => entry.trim().toLowerCase())
    .filter((entry) => entry !== "")
    .some((entry) => entry === "*" || matches(entry, host, port));
}

function matches(entry: string, host: string, port: string): boolean {
  const [network, prefix] = entry.split("/");
  if (prefix !== undefined && isIP(network!) !== 0) return inNetwork(network!, Number(prefix), host);
  const withPort = /^(.*):(\d+)$/.exec(entry);
  const name = withPort !== null && isIP(entry) === 0 ? withPort[1]! : entry;
  if (withPort !== null && isIP(entry) === 0 && withPort[2] !== port) return false;
  if (isIP(name) !== 0) return name === host;
  if (name.startsWith(".") || name.startsWith("*.")) return host.endsWith(name.replace(/^\*/, ""));
  return host === name || host.endsWith(`.${name}`);
}

function inNetwork(network: string, prefix: number, host: string): boolean {
  const family = isIP(host);
  if (family === 0 || family !== isIP(network)) return false;
  const list = new BlockList();
  const kind = family === 6 ? "ipv6" : "ipv4";
  list.addSubnet(network, prefix, kind);
  return list.check(host, kind);
}
