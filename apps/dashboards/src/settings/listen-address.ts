import { isIP } from "node:net";
import type { Settings } from "./setting-table.ts";

/**
 * Returns the `host:port` to listen on, from `server.http_addr` and `server.http_port`. An IPv6 address may be without
 * brackets.
 */
export function settingsAddress(settings: Pick<Settings, "server.http_addr" | "server.http_port">): string {
  const host = settings["server.http_addr"];
  return `${isIP(host) === 6 ? `[${host}]` : host}:${settings["server.http_port"]}`;
}
