import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import type { NameRules } from "./name-rules.ts";
import { readProtobufBody } from "./protobuf-body.ts";
import { SnappyError, unpackSnappy } from "./snappy-frames.ts";
import { type FamiliesRead, readTextBody } from "./text-body.ts";

const gunzipped = promisify(gunzip);

/** The headers that say how the body is written. */
export interface BodyHeaders {
  readonly contentType: string | undefined;
  readonly contentEncoding: string | undefined;
}

/** Largest unpacked body: the same as for bodies that come unpacked. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;

/** Unpacks and parses a body. Everything that is not declared as protobuf is the text format, as upstream has it. */
export async function readPushBody(body: Uint8Array, headers: BodyHeaders, names: NameRules): Promise<FamiliesRead> {
  const unpacked = await unpack(body, headers.contentEncoding?.toLowerCase());
  if (typeof unpacked === "string") return { ok: false, message: unpacked };
  return isProtobuf(headers.contentType) ? readProtobufBody(unpacked) : readTextBody(unpacked, names);
}

/** The body, or the sentence that says why it cannot be unpacked. */
async function unpack(body: Uint8Array, encoding: string | undefined): Promise<Uint8Array | string> {
  if (encoding === "gzip") {
    try {
      return await gunzipped(body, { maxOutputLength: MAX_BODY_BYTES });
    } catch (error) {
      return gzipProblem(body, error);
    }
  }
  if (encoding !== "snappy") return body;
  try {
    return unpackSnappy(body);
  } catch (error) {
    if (error instanceof SnappyError) return error.message;
    throw error;
  }
}

const GZIP_HEADER_BYTES = 10;

function gzipProblem(body: Uint8Array, error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ERR_BUFFER_TOO_LARGE") return `unpacked body is larger than ${MAX_BODY_BYTES} bytes`;
  if (body.length === 0) return "EOF";
  if (body.length < GZIP_HEADER_BYTES || code === "Z_BUF_ERROR") return "unexpected EOF";
  return body[0] === 0x1f && body[1] === 0x8b ? "gzip: invalid checksum" : "gzip: invalid header";
}

function isProtobuf(contentType: string | undefined): boolean {
  const [media, ...parameters] = (contentType ?? "").split(";").map((part) => part.trim());
  const given = new Set(parameters.map((parameter) => parameter.replaceAll('"', "")));
  return (
    media?.toLowerCase() === "application/vnd.google.protobuf" &&
    given.has("encoding=delimited") &&
    given.has("proto=io.prometheus.client.MetricFamily")
  );
}
