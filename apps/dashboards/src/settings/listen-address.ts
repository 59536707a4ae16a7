import { isIP } from "node:net";
import type { Settings } from "./setting-table.ts";

/** The `host:port` to listen on by `server.http_addr` and `server.http_port`; an IPv6 address may be without its brackets. */
export function settingsAddress(settings: Pick<Settings, "server.http_addr" | "server.http_port">): string {
  const host = settings["server.http_addr"];
  return `${isIP(host) === 6 ? `[${host}]` : host}:${settings["server.http_port"]}`;
}
