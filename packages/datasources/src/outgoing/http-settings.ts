import { defaultHttpClient, type HttpClientConfig, type HttpHeaderConfig, Secret } from "@narthex/config";
import type { DataSourceSettings } from "../data-source.ts";
import { flagAt, numberAt, textAt } from "../json-values.ts";
import { secretOf } from "../source-secret.ts";

/** Largest number of custom headers of a source. Headers are numbered from 1. */
const MAX_HEADERS = 100;
const DEFAULT_TIMEOUT_MS = 30_000;

/**
 * Returns the settings of the HTTP client for a source: basic auth or bearer token, TLS, headers. The client itself
 * does not follow redirects.
 */
export function httpClientOf(settings: DataSourceSettings): HttpClientConfig {
  const { jsonData } = settings;
  const hasCa = flagAt(jsonData, "tlsAuthWithCACert") === true;
  const hasCertificate = flagAt(jsonData, "tlsAuth") === true;
  const key = hasCertificate ? secretOf(settings, "tlsClientKey") : "";
  const password = secretOf(settings, "basicAuthPassword");
  const token = secretOf(settings, "bearerToken");
  return {
    ...defaultHttpClient,
    ...(settings.basicAuth
      ? {
          basicAuth: {
            username: settings.basicAuthUser,
            usernameFile: "",
            password: new Secret(password),
            passwordFile: "",
          },
        }
      : token !== "" && {
          authorization: {
            type: "Bearer",
            credentials: new Secret(token),
            credentialsFile: "",
          },
        }),
    tls: {
      ...defaultHttpClient.tls,
      ca: hasCa ? secretOf(settings, "tlsCACert") : "",
      cert: hasCertificate ? secretOf(settings, "tlsClientCert") : "",
      key: key === "" ? undefined : new Secret(key),
      serverName: textAt(jsonData, "serverName"),
      insecureSkipVerify: flagAt(jsonData, "tlsSkipVerify") === true,
    },
    httpHeaders: headersOf(settings),
    // Applies HTTP_PROXY, HTTPS_PROXY and NO_PROXY, as Grafana does.
    proxyFromEnvironment: true,
    followRedirects: false,
    enableHttp2: false,
  };
}

/** Returns the settings without secrets, for a redirect to another host. */
export const withoutSecrets = (config: HttpClientConfig): HttpClientConfig => ({
  ...config,
  basicAuth: undefined,
  authorization: undefined,
  httpHeaders: new Map(),
  tls: { ...config.tls, cert: "", key: undefined },
});

function headersOf(settings: DataSourceSettings): ReadonlyMap<string, HttpHeaderConfig> {
  const headers = new Map<string, HttpHeaderConfig>();
  for (let number = 1; number <= MAX_HEADERS; number++) {
    const name = textAt(settings.jsonData, `httpHeaderName${number}`);
    if (name === "") continue;
    const value = secretOf(settings, `httpHeaderValue${number}`);
    headers.set(name, { values: [], secrets: [new Secret(value)], files: [] });
  }
  return headers;
}

/**
 * Returns the timeout of a request in ms: the configured one, otherwise a little more than the query timeout that is
 * sent to the server.
 * @param defaultMs timeout of sources whose settings contain neither
 */
export function requestTimeoutMs(
  settings: DataSourceSettings,
  queryTimeoutMs: number | undefined,
  defaultMs = DEFAULT_TIMEOUT_MS,
): number {
  const seconds = numberAt(settings.jsonData, "timeout");
  if (seconds !== undefined && seconds > 0) return seconds * 1000;
  return queryTimeoutMs === undefined ? defaultMs : Math.max(defaultMs, queryTimeoutMs + 5000);
}
