import { quote } from "@narthex/model";

/** Names of the protobuf messages of remote write 1.0 and 2.0, as in Content-Type and flags. */
export const WRITE_MESSAGES = ["prometheus.WriteRequest", "io.prometheus.write.v2.Request"] as const;
export type WriteMessage = (typeof WRITE_MESSAGES)[number];

/**
 * Compression of a message. Prometheus supports only Snappy. VictoriaMetrics' agents send zstd if the receiver accepts
 * it.
 */
export type WriteCompression = "snappy" | "zstd";

/** Messages and compressions that a receiver accepts. */
export interface AcceptedWrites {
  readonly messages: ReadonlySet<WriteMessage>;
  readonly zstd: boolean;
}

const [VERSION_1] = WRITE_MESSAGES;
const MEDIA_TYPE = "application/x-protobuf";

const isWriteMessage = (name: string): name is WriteMessage => (WRITE_MESSAGES as readonly string[]).includes(name);

/**
 * Parses `--web.remote-write-receiver.accepted-protobuf-messages`.
 * @returns an error message if a value is unknown
 */
export function acceptedMessages(names: readonly string[]): ReadonlySet<WriteMessage> | string {
  const unknown = names.find((name) => !isWriteMessage(name));
  return unknown === undefined ? new Set(names.filter(isWriteMessage)) : unknownMessage(unknown);
}

const unknownMessage = (name: string): string =>
  `unknown remote write protobuf message ${name}, supported: ${WRITE_MESSAGES.join(", ")}`;

interface Refused {
  readonly ok: false;
  readonly problem: string;
}

type MessageChoice = { readonly ok: true; readonly message: WriteMessage } | Refused;

/** Version and compression of a request, or the response body for status 415 if the request is refused. */
export type WriteChoice =
  | { readonly ok: true; readonly message: WriteMessage; readonly compression: WriteCompression }
  | Refused;

const refused = (problem: string): Refused => ({ ok: false, problem });

/** Returns the version and compression of a request from its headers. The headers may be missing. */
export function writeMessageOf(
  contentType: string | undefined,
  contentEncoding: string | undefined,
  accepted: AcceptedWrites,
): WriteChoice {
  const choice = messageOf((contentType ?? "").trim() || MEDIA_TYPE);
  if (!choice.ok) return choice;
  const { message } = choice;
  if (!accepted.messages.has(message)) {
    const names = WRITE_MESSAGES.filter((name) => accepted.messages.has(name)).map(quote);
    return refused(`${message} protobuf message is not accepted by this server; accepted [${names.join(" ")}]`);
  }
  const encoding = (contentEncoding ?? "").toLowerCase() || "snappy";
  if (encoding === "snappy") return { ok: true, message, compression: "snappy" };
  if (encoding === "zstd" && accepted.zstd) return { ok: true, message, compression: "zstd" };
  return refused(`${contentEncoding} encoding (compression) is not accepted by this server; only snappy is acceptable`);
}

/**
 * Returns the version from the first parameter `proto` of the Content-Type. If the parameter is missing, the version is
 * 1.0.
 */
function messageOf(contentType: string): MessageChoice {
  const [media, ...parameters] = contentType.split(";");
  if (media !== MEDIA_TYPE)
    return refused(`expected ${MEDIA_TYPE} as the first (media) part, got ${contentType} content-type`);
  for (const parameter of parameters) {
    const [name, value, ...rest] = parameter.trim().split("=");
    if (value === undefined || rest.length > 0) {
      return refused(
        "as per https://www.rfc-editor.org/rfc/rfc9110#parameter expected parameters to be key-values, got " +
          `${parameter.trim()} in ${contentType} content-type`,
      );
    }
    if (name !== "proto") continue;
    if (isWriteMessage(value)) return { ok: true, message: value };
    return refused(`got ${contentType} content type; ${unknownMessage(value)}`);
  }
  return { ok: true, message: VERSION_1 };
}
