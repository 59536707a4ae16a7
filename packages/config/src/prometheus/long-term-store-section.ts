import { isDeepStrictEqual } from "node:util";
import type { NameValidation } from "@narthex/model";
import { trimTrailing } from "@narthex/model";
import { type Codec, INVALID } from "../decode/codec.ts";
import { mapOf } from "../decode/collections.ts";
import type { Report } from "../decode/decode-context.ts";
import { url } from "../decode/locations.ts";
import { millis } from "../decode/measures.ts";
import { flag, oneOf, text } from "../decode/plain-values.ts";
import { field, inline, optional, type FieldPositions, type Section, section } from "../decode/section.ts";
import type { HttpClientConfig } from "../http-client/http-client.ts";
import { httpClientSection } from "../http-client/http-client-section.ts";
import type { LongTermStoreConfig, StoreKind, StoreReading } from "./long-term-store.ts";
import { tlsSection } from "../http-client/tls-section.ts";
import { headersAllowed, type RemoteWriteFields, remoteWriteFields } from "./remote-section.ts";
import type { RemoteWriteConfig } from "./remote.ts";

const KINDS: readonly StoreKind[] = ["victoriametrics", "prometheus", "mimir", "thanos"];
const READINGS: readonly StoreReading[] = ["export", "remote_read", "query"];

const kind: Codec<StoreKind> = oneOf(KINDS, (found) => `unknown kind of long_term_store "${found}"`);
const reading: Codec<StoreReading> = oneOf(READINGS, (found) => `unknown way to read of long_term_store "${found}"`);

/** Default method of reading samples from each kind of long-term store. */
const READING_OF: Readonly<Record<StoreKind, StoreReading>> = {
  victoriametrics: "export",
  prometheus: "remote_read",
  mimir: "remote_read",
  thanos: "query",
};

const TIMEOUT_HINT = "write a duration such as 10s, or leave it out";

interface RawStore extends Omit<LongTermStoreConfig, "kind" | "url" | "read" | "remoteWrite" | "position"> {
  readonly kind: StoreKind | undefined;
  readonly url: string | undefined;
  readonly read: StoreReading | undefined;
  readonly remoteWrite: RemoteWriteFields | undefined;
}

/** Returns the section `long_term_store`, which Prometheus does not have: another database that keeps older data. */
export const longTermStoreSection = (scheme: NameValidation): Section<LongTermStoreConfig> =>
  section<RawStore, LongTermStoreConfig>(
    "config.plain",
    {
      kind: optional("kind", kind),
      url: optional("url", url),
      read: optional("read", reading),
      timeoutMs: field("timeout", millis, 10_000),
      headers: field("headers", mapOf(text), new Map<string, string>()),
      httpClient: inline(httpClientSection({ enableHttp2: true })),
      send: field("send", flag, true, true),
      remoteWrite: optional("remote_write", remoteWriteFields(scheme)),
    },
    (value, at, report) => finished(value, at, report),
  );

function finished(value: RawStore, at: FieldPositions<RawStore>, report: Report): LongTermStoreConfig | typeof INVALID {
  if (value.kind === undefined) {
    report(at.self, "store-kind", "kind for long_term_store is missing", `add kind: one of ${KINDS.join(", ")}`);
    return INVALID;
  }
  if (value.url === undefined || !/^https?:\/\//.test(value.url)) {
    const hint = "write the URL that /api/v1/query is below, such as http://victoria:8428";
    report(at.url, "store-url", "url for long_term_store is not one of a query API", hint);
    return INVALID;
  }
  if (value.timeoutMs === 0) {
    report(at.timeoutMs, "store-timeout", "timeout of long_term_store is 0: no answer comes in no time", TIMEOUT_HINT);
    return INVALID;
  }
  if (!headersAllowed(value.headers, at, report)) return INVALID;
  const base = trimTrailing(value.url, "/");
  const read = value.read ?? READING_OF[value.kind];
  if (read === "export" && value.kind !== "victoriametrics") {
    report(at.read, "store-read", "read: export is VictoriaMetrics' own", "write remote_read or query");
    return INVALID;
  }
  const store = {
    ...value,
    kind: value.kind,
    url: base,
    read,
    position: { line: at.self.line, column: at.self.column },
  };
  if (!value.send) return { ...store, remoteWrite: undefined };
  const target = value.remoteWrite?.url ?? writeUrlOf(value.kind, base);
  if (target === undefined) {
    const message = `samples of a ${value.kind} at ${base} are taken at another address than they are asked for`;
    report(at.self, "store-write-url", message, "add remote_write: {url: …}, or send: false");
    return INVALID;
  }
  return {
    ...store,
    remoteWrite: withConnection(value, target, value.remoteWrite ?? remoteWriteFields("utf8").empty()),
  };
}

/**
 * Returns the URL for sending samples to a database whose query API is at `base`. Returns undefined if another service
 * of the database receives samples.
 */
function writeUrlOf(kind: StoreKind, base: string): string | undefined {
  // A VictoriaMetrics cluster receives samples with another service than it answers queries with, so the URL for
  // sending is unknown.
  if (kind === "victoriametrics") return /\/select\//.test(base) ? undefined : `${base}/api/v1/write`;
  if (kind === "prometheus") return `${base}/api/v1/write`;
  if (kind === "mimir") return `${base.replace(/\/prometheus$/, "")}/api/v1/push`;
  return undefined;
}

/**
 * Returns the connection settings for sending samples to the long-term store. Headers, credentials, TLS and proxy
 * settings that are not set are taken from the settings for reading. Redirects are followed only if the settings for
 * reading and the settings for sending both allow redirects.
 */
function withConnection(
  { headers, httpClient }: Pick<RawStore, "headers" | "httpClient">,
  target: string,
  fields: RemoteWriteFields,
): RemoteWriteConfig {
  const own = fields.httpClient;
  const methods = [own.basicAuth, own.authorization, own.oauth2, fields.sigv4, fields.azuread, fields.googleIam];
  const isAuthenticated =
    fields.headers.size > 0 || own.httpHeaders.size > 0 || methods.some((method) => method !== undefined);
  const { basicAuth, authorization, oauth2, httpHeaders } = isAuthenticated ? own : httpClient;
  const { proxyUrl, noProxy, proxyFromEnvironment, proxyConnectHeader } = hasProxy(own) ? own : httpClient;
  return {
    ...fields,
    headers: isAuthenticated ? fields.headers : headers,
    httpClient: {
      ...own,
      basicAuth,
      authorization,
      oauth2,
      httpHeaders,
      proxyUrl,
      noProxy,
      proxyFromEnvironment,
      proxyConnectHeader,
      tls: isDeepStrictEqual(own.tls, tlsSection.empty()) ? httpClient.tls : own.tls,
      followRedirects: own.followRedirects && httpClient.followRedirects,
    },
    url: target,
    name: fields.name || "long_term_store",
    position: { line: 0, column: 0 },
  };
}

const hasProxy = ({ proxyUrl, proxyFromEnvironment }: HttpClientConfig): boolean =>
  proxyUrl !== "" || proxyFromEnvironment;
