import { gunzip } from "node:zlib";
import { UnpackError } from "../../unpack-error.ts";

/** How a request's message is written. */
export type OtlpFormat = "protobuf" | "json";

/** Largest message, unpacked. */
export const MAX_OTLP_BYTES: number = 32 * 1024 * 1024;

/** A gzip body begins with so many, which are read at once. */
const HEADER_BYTES = 10;

/** What headers say of a body, or why it is not taken. */
export type OtlpBody =
  | { readonly ok: true; readonly format: OtlpFormat; readonly isGzip: boolean }
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
  if (encoding !== "" && encoding !== "gzip") {
    const problem = `unsupported compression: ${encoding}. Only "gzip" or no compression supported`;
    return { ok: false, problem };
  }
  return { ok: true, format: FORMATS[type]!, isGzip: encoding === "gzip" };
}

/** Unpacks a gzip body on a thread of Node's pool. Rejects with UnpackError. */
export function unpackGzip(body: Uint8Array): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    gunzip(body, { maxOutputLength: MAX_OTLP_BYTES }, (error, unpacked) => {
      if (error === null) resolve(unpacked);
      else reject(unpackError(error, body.length));
    });
  });
}

/** Go's words for what is wrong with a gzip body. */
function unpackError(error: NodeJS.ErrnoException, size: number): UnpackError {
  if (error.code === "ERR_BUFFER_TOO_LARGE") return new UnpackError(413, tooLarge());
  if (size === 0) return new UnpackError(400, "EOF");
  if (error.code === "Z_BUF_ERROR" || size < HEADER_BYTES) return new UnpackError(400, "unexpected EOF");
  if (/header|compression method|window size/.test(error.message)) return new UnpackError(400, "gzip: invalid header");
  if (/incorrect (?:data|length) check/.test(error.message)) return new UnpackError(400, "gzip: invalid checksum");
  return new UnpackError(400, "flate: corrupt input");
}

/** Of a body that is larger than one may be. */
export const tooLarge = (): string =>
  `the message has more than ${MAX_OTLP_BYTES} bytes; send fewer data points at once`;
