import { gunzip } from "node:zlib";
import { MessageError } from "../../message-error.ts";
import { MAX_MESSAGE_BYTES, messageTooLarge } from "../../message-limits.ts";
import { unpackZstd } from "../../unpack-zstd.ts";

export type OtlpFormat = "protobuf" | "json";

/**
 * Compression of an OTLP request body; "" for none. zstd is an addition to Prometheus, because OpenTelemetry Collectors
 * can send it.
 */
export type OtlpCompression = "" | "gzip" | "zstd";

const TOO_LARGE = messageTooLarge("data points");

/**
 * Size in bytes of a gzip header. A shorter body causes a different error message in Go, because Go reads the whole
 * header in one read.
 */
const HEADER_BYTES = 10;

/** Encoding and compression of an OTLP request body, or the reason why the body is refused. */
export type OtlpBody =
  | { readonly ok: true; readonly format: OtlpFormat; readonly compression: OtlpCompression }
  | { readonly ok: false; readonly problem: string };

const FORMATS: Readonly<Record<string, OtlpFormat>> = {
  "application/json": "json",
  "application/x-protobuf": "protobuf",
};

/**
 * Returns the encoding and compression of an OTLP request body, from its headers. Like Prometheus, accepts only media
 * types without parameters.
 */
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

/** Decompresses an OTLP request body on a thread of Node's pool. Rejects with MessageError. */
export async function unpackOtlp(body: Uint8Array, compression: OtlpCompression): Promise<Uint8Array> {
  if (compression === "gzip") return unpackGzip(body);
  if (compression === "zstd") return unpackZstd(body, TOO_LARGE);
  if (body.length > MAX_MESSAGE_BYTES) throw new MessageError(413, TOO_LARGE);
  return body;
}

function unpackGzip(body: Uint8Array): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    gunzip(body, { maxOutputLength: MAX_MESSAGE_BYTES }, (error, unpacked) => {
      if (error === null) resolve(unpacked);
      else reject(messageError(error, body.length));
    });
  });
}

/** Returns the error with Go's message for an invalid gzip body. */
function messageError(error: NodeJS.ErrnoException, size: number): MessageError {
  if (error.code === "ERR_BUFFER_TOO_LARGE") return new MessageError(413, TOO_LARGE);
  if (size === 0) return new MessageError(400, "EOF");
  if (error.code === "Z_BUF_ERROR" || size < HEADER_BYTES) return new MessageError(400, "unexpected EOF");
  if (/header|compression method|window size/.test(error.message)) return new MessageError(400, "gzip: invalid header");
  if (/incorrect (?:data|length) check/.test(error.message)) return new MessageError(400, "gzip: invalid checksum");
  return new MessageError(400, "flate: corrupt input");
}
