import type { JsonObject } from "@narthex/dashboards";
import type { DataSourceSettings } from "../data-source.ts";
import { flagAt, listAt, numberAt, objectsAt, textAt } from "../json-values.ts";
import { QueryFailure } from "../query-failure.ts";
import { secretOf } from "../source-secret.ts";

/** Ports of the HTTP interface next to the usual ports of the native one. */
const HTTP_PORTS: Readonly<Record<number, number>> = { 9000: 8123, 9440: 8443 };
/** Largest number of settings and headers of a source. */
const MAX_ENTRIES = 100;
/** Settings that queries need, and that a source cannot change. */
const FIXED =
  /^(?:readonly|allow_ddl|database|default_format|query|query_id|session_id|user|password|wait_end_of_query|buffer_size|max_result_rows|max_result_bytes|result_overflow_mode|max_execution_time|compress|enable_http_compression)$/;

/**
 * Returns the settings with the URL of the HTTP interface and its sign-in. Grafana's plugin writes the address as `host`,
 * `port` and `secure` into jsonData. Throws QueryFailure if there is no HTTP interface.
 */
export function httpSettings(settings: DataSourceSettings): DataSourceSettings {
  const { jsonData, secureJsonData } = settings;
  const url = settings.url === "" ? addressIn(settings) : settings.url;
  const user = textAt(jsonData, "username") || settings.user;
  const signed = { ...settings, url, jsonData: { ...jsonData, ...headersOf(jsonData) } };
  const headers = Object.entries(secureJsonData).filter(([key]) => key.startsWith("secureHttpHeaders."));
  const given = listAt(signed.jsonData, "httpHeaders").length;
  const secrets: Record<string, string> = { ...secureJsonData, ...plainHeaders(jsonData) };
  const names: Record<string, string> = {};
  for (const [at, [key, value]] of headers.slice(0, MAX_ENTRIES).entries()) {
    names[`httpHeaderName${given + at + 1}`] = key.slice("secureHttpHeaders.".length);
    secrets[`httpHeaderValue${given + at + 1}`] = value;
  }
  const complete = { ...signed, jsonData: { ...signed.jsonData, ...names }, secureJsonData: secrets };
  if (settings.basicAuth || user === "") return complete;
  const password = secretOf(settings, "password");
  return {
    ...complete,
    basicAuth: true,
    basicAuthUser: user,
    secureJsonData: { ...secrets, basicAuthPassword: password },
  };
}

function addressIn({ name, jsonData }: DataSourceSettings): string {
  const host = (textAt(jsonData, "host") || textAt(jsonData, "server")).trim();
  if (host === "")
    throw new QueryFailure(400, `data source "${name}" has no address; write http://host:8123 as its URL`);
  const isSecure = flagAt(jsonData, "secure") === true || textAt(jsonData, "secure") === "true";
  const given = numberAt(jsonData, "port") ?? (isSecure ? 8443 : 8123);
  const isHttp = textAt(jsonData, "protocol") === "http";
  const port = isHttp ? given : (HTTP_PORTS[given] ?? given);
  const path = textAt(jsonData, "path").replace(/^\//, "");
  return `${isSecure ? "https" : "http"}://${host}:${port}${path === "" ? "" : `/${path}`}`;
}

/** Returns the headers of jsonData with the names of other kinds of sources. */
function headersOf(jsonData: JsonObject): JsonObject {
  return Object.fromEntries(headersIn(jsonData).map(({ name }, at) => [`httpHeaderName${at + 1}`, name]));
}

const plainHeaders = (jsonData: JsonObject): Readonly<Record<string, string>> =>
  Object.fromEntries(headersIn(jsonData).map(({ value }, at) => [`httpHeaderValue${at + 1}`, value]));

const headersIn = (jsonData: JsonObject): readonly { readonly name: string; readonly value: string }[] =>
  objectsAt(jsonData, "httpHeaders")
    .slice(0, MAX_ENTRIES)
    .map((header) => ({ name: textAt(header, "name").trim(), value: textAt(header, "value") }));

/** Returns the settings that the server gets with each query. A source cannot change the settings that queries need. */
export function customSettings({ jsonData }: DataSourceSettings): JsonObject {
  const settings: Record<string, string> = {};
  for (const one of objectsAt(jsonData, "customSettings").slice(0, MAX_ENTRIES)) {
    const name = textAt(one, "setting").trim();
    if (/^[a-z][a-z0-9_]{0,100}$/i.test(name) && !FIXED.test(name.toLowerCase())) settings[name] = textAt(one, "value");
  }
  return settings;
}
