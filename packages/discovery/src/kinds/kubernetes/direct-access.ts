import type { HttpClientConfig } from "@narthex/config";
import { trimTrailing } from "@narthex/model";
import type { DiscoveryContext } from "../../discoverer.ts";
import type { ApiAccess } from "./api-server.ts";

/** Returns access to a Kubernetes API server by its URL. The HTTP client is closed when the discoverer stops. */
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

/** Returns the URL without a final slash. Adds `http://` to an address such as `host:port`. */
export function absoluteUrl(url: string): string {
  const absolute = /^https?:\/\//i.test(url) ? url : `http://${url === "" ? "localhost" : url}`;
  return trimTrailing(absolute, "/");
}
