import { Matcher, type NameValidation, type RelabelRule } from "@narthex/model";
import { type Codec, INVALID } from "../decode/codec.ts";
import { mapOf } from "../decode/collections.ts";
import type { Report } from "../decode/decode-context.ts";
import { httpClientSection } from "../http-client/http-client-section.ts";
import { url } from "../decode/locations.ts";
import { millis } from "../decode/measures.ts";
import { flag, integer, oneOf, text, wholeNumber } from "../decode/plain-values.ts";
import type { Position } from "../problem.ts";
import { checkLegacyNames, relabelRules } from "../relabel-rules.ts";
import { azureAdSection, googleIamSection, sigv4Section } from "./cloud-signers.ts";
import { field, inline, optional, type FieldPositions, type Section, section } from "../decode/section.ts";
import type { RemoteMetadataConfig, RemoteQueueConfig, RemoteReadConfig, RemoteWriteConfig } from "./remote.ts";

/** Lower-case names of headers that the remote write protocol sets. A configuration file may not set them. */
export const RESERVED_HEADERS: ReadonlySet<string> = new Set(
  (
    "host content-encoding content-length content-type user-agent connection keep-alive proxy-authenticate " +
    "proxy-authorization www-authenticate accept-encoding x-prometheus-remote-write-version " +
    "x-prometheus-remote-read-version x-amz-date x-amz-security-token x-amz-content-sha256"
  ).split(" "),
);

const AUTHORIZATION =
  "authorization header must be changed via the basic_auth, authorization, oauth2, sigv4, azuread or google_iam parameter";

const queue: Section<RemoteQueueConfig> = section<RemoteQueueConfig>(
  "config.plain",
  {
    capacity: field("capacity", integer, 10_000),
    maxShards: field("max_shards", integer, 50),
    minShards: field("min_shards", integer, 1),
    maxSamplesPerSend: field("max_samples_per_send", integer, 2000),
    batchSendDeadlineMs: field("batch_send_deadline", millis, 5000),
    minBackoffMs: field("min_backoff", millis, 30),
    maxBackoffMs: field("max_backoff", millis, 5000),
    retryOnHttp429: field("retry_on_http_429", flag, false),
    sampleAgeLimitMs: field("sample_age_limit", millis, 0),
  },
  (value, at, report) => {
    const positive = [
      ["capacity", value.capacity, at.capacity],
      ["max_shards", value.maxShards, at.maxShards],
      ["min_shards", value.minShards, at.minShards],
      ["max_samples_per_send", value.maxSamplesPerSend, at.maxSamplesPerSend],
    ] as const;
    const refuse = (position: Position, message: string, hint: string): typeof INVALID => {
      report(position, "queue", message, hint);
      return INVALID;
    };
    for (const [name, number, position] of positive) {
      if (number <= 0)
        return refuse(position, `remote write queue ${name} must be positive`, "write a number from 1 up");
    }
    if (value.minShards > value.maxShards) {
      return refuse(
        at.minShards,
        "remote write queue min_shards must not be greater than max_shards",
        "raise max_shards",
      );
    }
    if (value.maxBackoffMs < value.minBackoffMs) {
      return refuse(
        at.maxBackoffMs,
        "remote write queue max_backoff must not be less than min_backoff",
        "raise max_backoff",
      );
    }
    return value;
  },
);

const metadata = section<RemoteMetadataConfig>("config.plain", {
  send: field("send", flag, true, true),
  sendIntervalMs: field("send_interval", millis, 60_000, true),
  maxSamplesPerSend: field("max_samples_per_send", integer, 2000),
});

const MESSAGES = ["prometheus.WriteRequest", "io.prometheus.write.v2.Request"] as const;
const protobufMessage = oneOf<RemoteWriteConfig["protobufMessage"]>(
  MESSAGES,
  (found) =>
    `invalid protobuf_message value: unknown remote write protobuf message ${found}, supported: ${MESSAGES.join(", ")}`,
);

/** An entry of `remote_write` whose URL may be missing. */
export interface RemoteWriteFields extends Omit<RemoteWriteConfig, "position" | "url"> {
  readonly url: string | undefined;
}

const noRules: readonly RelabelRule[] = [];

/** Returns the decoder for one entry of `remote_write`. */
export const remoteWriteSection = (scheme: NameValidation): Section<RemoteWriteConfig> =>
  writeSection(scheme, (value, at, report) => {
    if (value.url === undefined) {
      report(at.self, "remote-url", "url for remote_write is empty", "add url");
      return INVALID;
    }
    if (!isSound(value, at, report, scheme)) return INVALID;
    return { ...value, url: value.url, position: { line: at.self.line, column: at.self.column } };
  });

/** Returns the decoder for a remote write destination whose URL may be missing, because the caller knows it. */
export const remoteWriteFields = (scheme: NameValidation): Section<RemoteWriteFields> =>
  writeSection(scheme, (value, at, report) => (isSound(value, at, report, scheme) ? value : INVALID));

const writeSection = <T>(
  scheme: NameValidation,
  finish: (value: RemoteWriteFields, at: FieldPositions<RemoteWriteFields>, report: Report) => T | typeof INVALID,
): Section<T> =>
  section<RemoteWriteFields, T>(
    "config.plain",
    {
      url: optional("url", url),
      remoteTimeoutMs: field("remote_timeout", millis, 30_000),
      headers: field("headers", mapOf(text), new Map<string, string>()),
      writeRelabelConfigs: field(
        "write_relabel_configs",
        relabelRules("empty or null relabeling rule in remote write config"),
        noRules,
      ),
      name: field("name", text, ""),
      sendExemplars: field("send_exemplars", flag, false),
      sendNativeHistograms: field("send_native_histograms", flag, false),
      roundRobinDns: field("round_robin_dns", flag, false),
      protobufMessage: field("protobuf_message", protobufMessage, "prometheus.WriteRequest"),
      failedRequestLogging: field("failed_request_logging", flag, false),
      httpClient: inline(httpClientSection({ enableHttp2: false })),
      queue: field("queue_config", queue, queue.empty()),
      metadata: field("metadata_config", metadata, metadata.empty()),
      sigv4: optional("sigv4", sigv4Section),
      azuread: optional("azuread", azureAdSection),
      googleIam: optional("google_iam", googleIamSection),
    },
    finish,
  );

function isSound(
  value: RemoteWriteFields,
  at: FieldPositions<RemoteWriteFields>,
  report: Report,
  scheme: NameValidation,
): boolean {
  if (!headersAllowed(value.headers, at, report)) return false;
  if (!checkLegacyNames(value.writeRelabelConfigs, scheme, at.writeRelabelConfigs, report)) return false;
  const { basicAuth, authorization, oauth2 } = value.httpClient;
  const methods = Object.entries({
    basic_auth: basicAuth,
    authorization,
    oauth2,
    sigv4: value.sigv4,
    azuread: value.azuread,
    google_iam: value.googleIam,
  })
    .filter(([, method]) => method !== undefined)
    .map(([name]) => name);
  if (methods.length <= 1) return true;
  const message =
    "at most one of basic_auth, authorization, oauth2, sigv4, azuread or google_iam must be configured. " +
    `Currently configured: [${methods.join(" ")}]`;
  report(at.self, "auth-conflict", message, "keep one of them");
  return false;
}

export function headersAllowed(
  headers: ReadonlyMap<string, string>,
  at: FieldPositions<{ headers: unknown }>,
  report: Report,
): boolean {
  for (const name of headers.keys()) {
    const lower = name.toLowerCase();
    if (lower !== "authorization" && !RESERVED_HEADERS.has(lower)) continue;
    const message = lower === "authorization" ? AUTHORIZATION : `${name} is a reserved header. It must not be changed`;
    report(at.headers, "reserved-header", message, "remove the header");
    return false;
  }
  return true;
}

const matchers: Codec<readonly Matcher[]> = {
  goType: "model.LabelSet",
  decode(node, context) {
    const map = mapOf(text, "model.LabelSet").decode(node, context);
    return map === INVALID ? INVALID : [...map].map(([name, value]) => new Matcher("=", name, value));
  },
  encode: (value) => ({ entries: value.map((matcher) => [matcher.name, matcher.value] as const) }),
  isZero: (value) => value.length === 0,
};

export const remoteReadSection: Section<RemoteReadConfig> = section<
  Omit<RemoteReadConfig, "position" | "url"> & { readonly url: string | undefined },
  RemoteReadConfig
>(
  "config.plain",
  {
    url: optional("url", url),
    remoteTimeoutMs: field("remote_timeout", millis, 60_000),
    chunkedReadLimit: field("chunked_read_limit", wholeNumber, 50_000_000),
    headers: field("headers", mapOf(text), new Map<string, string>()),
    readRecent: field("read_recent", flag, false),
    name: field("name", text, ""),
    httpClient: inline(httpClientSection({ enableHttp2: true })),
    requiredMatchers: field("required_matchers", matchers, []),
    filterExternalLabels: field("filter_external_labels", flag, true),
  },
  (value, at, report) => {
    if (value.url === undefined) {
      report(at.self, "remote-url", "url for remote_read is empty", "add url");
      return INVALID;
    }
    if (!headersAllowed(value.headers, at, report)) return INVALID;
    return { ...value, url: value.url, position: { line: at.self.line, column: at.self.column } };
  },
);
