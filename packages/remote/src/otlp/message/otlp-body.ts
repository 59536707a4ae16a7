import { gunzip } from "node:zlib";
import { MessageError } from "../../message-error.ts";
import { unpackZstd } from "../../unpack-zstd.ts";

/** How a request's message is written. */
export type OtlpFormat = "protobuf" | "json";

/** How it is packed; "" where it is not. Prometheus takes no zstd, which Collectors may be told to send. */
export type OtlpCompression = "" | "gzip" | "zstd";

/** Largest message, unpacked. */
export const MAX_OTLP_BYTES: number = 32 * 1024 * 1024;

/** A gzip body begins with so many, which are read at once. */
const HEADER_BYTES = 10;

/** What headers say of a body, or why it is not taken. */
export type OtlpBody =
  | { readonly ok: true; readonly format: OtlpFormat; readonly compression: OtlpCompression }
  | { readonly ok: false; readonly problem: string };

const FORMATS: Readonly<Record<string, OtlpFormat>> = {
  "application/json": "json",
  "application/x-protobuf": "protobuf",
};

/** Media types are taken without parameters only, as Prometheus does. */
export function otlpBodyOf(contentType: string | undefined, contentEncoding: string | undefined): OtlpBody {
  const [type, encoding] = [contentType ?? "", contentEncoding ?? ""];
  if (!Object.hasOwn(FORMATS, type)) {
    const problem = `unsupported content type: ${type}, supported: [${Object.keys(FORMATS).join(", ")}]`;
    return { ok: false, problem };
  }
  if (encoding === "" || encoding === "gzip" || encoding === "zstd") {
    return { ok: true, format: FORMATS[type]!, compression: encoding };
  }
  return {
    ok: false,
    problem: `unsupported compression: ${encoding}. Only "gzip", "zstd" or no compression supported`,
  };
}

/** The message of a body, which is unpacked on a thread of Node's pool. Rejects with MessageError. */
export async function unpackOtlp(body: Uint8Array, compression: OtlpCompression): Promise<Uint8Array> {
  if (compression === "gzip") return unpackGzip(body);
  if (compression === "zstd") return unpackZstd(body, MAX_OTLP_BYTES, tooLarge());
  if (body.length > MAX_OTLP_BYTES) throw new MessageError(413, tooLarge());
  return body;
}

function unpackGzip(body: Uint8Array): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    gunzip(body, { maxOutputLength: MAX_OTLP_BYTES }, (error, unpacked) => {
      if (error === null) resolve(unpacked);
      else reject(messageError(error, body.length));
    });
  });
}

/** Go's words for what is wrong with a gzip body. */
function messageError(error: NodeJS.ErrnoException, size: number): MessageError {
  if (error.code === "ERR_BUFFER_TOO_LARGE") return new MessageError(413, tooLarge());
  if (size === 0) return new MessageError(400, "EOF");
  if (error.code === "Z_BUF_ERROR" || size < HEADER_BYTES) return new MessageError(400, "unexpected EOF");
  if (/header|compression method|window size/.test(error.message)) return new MessageError(400, "gzip: invalid header");
  if (/incorrect (?:data|length) check/.test(error.message)) return new MessageError(400, "gzip: invalid checksum");
  return new MessageError(400, "flate: corrupt input");
}

/** Of a body that is larger than one may be. */
const tooLarge = (): string => `the message has more than ${MAX_OTLP_BYTES} bytes; send fewer data points at once`;

/** Largest part of a message that is read in one step: the event loop waits for it. No sender makes parts a tenth as large. */
export const MAX_PART_BYTES: number = 1024 * 1024;
/** Most values in such a part: many small ones take longer than a large one. */
export const MAX_PART_VALUES = 10_000;

/** Why a message with a larger part is not taken. */
export const partTooLarge = (): MessageError =>
  new MessageError(
    413,
    `a name, a description, a data point, or the attributes of a resource, scope, data point or exemplar have more than ${MAX_PART_BYTES} bytes or ${MAX_PART_VALUES} values`,
  );
