import { listOf, mapOf } from "../decode/collections.ts";
import type { Report } from "../decode/decode-context.ts";
import type { ProxyConfig } from "./http-client.ts";
import { url } from "../decode/locations.ts";
import { flag, text } from "../decode/plain-values.ts";
import { type Secret, secret } from "../decode/secret.ts";
import { field, type FieldPositions } from "../decode/section.ts";

/** Fields of the proxy settings, used by each section that has a proxy. */
export const proxyFields = {
  proxyUrl: field("proxy_url", url, ""),
  noProxy: field("no_proxy", text, ""),
  proxyFromEnvironment: field("proxy_from_environment", flag, false),
  proxyConnectHeader: field(
    "proxy_connect_header",
    mapOf<readonly Secret[]>(listOf(secret, { goType: "[]config.Secret" }), "config.ProxyHeader"),
    new Map<string, readonly Secret[]>(),
  ),
};

/** Reports the first proxy setting that conflicts with another one. Returns true if there is no conflict. */
export function checkProxy(value: ProxyConfig, at: FieldPositions<ProxyConfig>, report: Report): boolean {
  const { proxyUrl, noProxy, proxyFromEnvironment, proxyConnectHeader } = value;
  const refuse = (position: FieldPositions<ProxyConfig>["self"], message: string, hint: string): false => {
    report(position, "proxy-conflict", message, hint);
    return false;
  };
  if (proxyConnectHeader.size > 0 && !proxyFromEnvironment && proxyUrl === "") {
    const message =
      "if proxy_connect_header is configured, proxy_url or proxy_from_environment must also be configured";
    return refuse(at.proxyConnectHeader, message, "add proxy_url");
  }
  if (proxyFromEnvironment && proxyUrl !== "") {
    return refuse(
      at.proxyUrl,
      "if proxy_from_environment is configured, proxy_url must not be configured",
      "remove one",
    );
  }
  if (proxyFromEnvironment && noProxy !== "") {
    const message = "if proxy_from_environment is configured, no_proxy must not be configured";
    return refuse(at.noProxy, message, "set NO_PROXY in the environment instead");
  }
  // Counts an empty `proxy_url` as configured, as Prometheus does.
  if (proxyUrl === "" && at.proxyUrl === at.self && noProxy !== "") {
    return refuse(at.noProxy, "if no_proxy is configured, proxy_url must also be configured", "add proxy_url");
  }
  return true;
}
