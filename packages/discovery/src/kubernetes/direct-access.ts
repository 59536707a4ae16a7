import type { HttpClientConfig } from "@narthex/config";
import { trimTrailing } from "@narthex/model";
import type { DiscoveryContext } from "../discoverer.ts";
import type { ApiAccess } from "./api-server.ts";

/** Returns access to a server by URL, with one HTTP client that closes when the discoverer stops. */
export async function directAccess(
  url: string,
  client: HttpClientConfig,
  { connect, signal }: Pick<DiscoveryContext, "connect" | "signal">,
  more: { readonly ownNamespace?: string; readonly headers?: Readonly<Record<string, string>> } = {},
): Promise<ApiAccess> {
  const http = await connect(client);
  if (signal.aborted) void http.close();
  else signal.addEventListener("abort", () => void http.close(), { once: true });
  const opened = { http, headers: more.headers ?? {} };
  return {
    url: absoluteUrl(url),
    ownNamespace: more.ownNamespace ?? "",
    open: () => Promise.resolve(opened),
    refused: () => undefined,
  };
}

/** Returns a URL without a slash at the end. `host:port` means plain HTTP. */
export function absoluteUrl(url: string): string {
  const absolute = /^https?:\/\//i.test(url) ? url : `http://${url === "" ? "localhost" : url}`;
  return trimTrailing(absolute, "/");
}
