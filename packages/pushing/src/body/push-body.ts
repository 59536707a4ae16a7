import { promisify } from "node:util";
import { constants, gunzip } from "node:zlib";
import { runStepByStep, type Steps } from "@narthex/runtime";
import type { NameRules } from "./name-rules.ts";
import { protobufBodySteps } from "./protobuf-body.ts";
import { MAX_METRICS, MetricCount, PushTooLarge } from "./metric-count.ts";
import { SnappyError, unpackSnappy } from "./snappy-frames.ts";
import { type FamiliesRead, textBodySteps } from "./text-body.ts";

const gunzipped = promisify(gunzip);

/** The request headers that describe the format of a pushed body. */
export interface BodyHeaders {
  readonly contentType: string | undefined;
  readonly contentEncoding: string | undefined;
}

/** Maximum size of a pushed body in bytes, both compressed and decompressed. */
export const MAX_BODY_BYTES = 64 * 1024 * 1024;

export interface BodySizes {
  /** Maximum size of the decompressed body in bytes. */
  readonly maxBytes?: number | undefined;
  readonly maxMetrics?: number | undefined;
}

/**
 * Decompresses and parses the body of a push. As in Pushgateway, every body that is not declared as protobuf is parsed
 * as text.
 */
export async function readPushBody(
  body: Uint8Array,
  headers: BodyHeaders,
  names: NameRules,
  { maxBytes = MAX_BODY_BYTES, maxMetrics = MAX_METRICS }: BodySizes = {},
): Promise<FamiliesRead | BodyTooLarge> {
  const left = new MetricCount(maxMetrics);
  try {
    return await readUnpacked(body, headers, names, maxBytes, left);
  } catch (error) {
    if (!(error instanceof PushTooLarge)) throw error;
    return { ok: false, isTooLarge: true, message: error.message };
  }
}

async function readUnpacked(
  body: Uint8Array,
  headers: BodyHeaders,
  names: NameRules,
  maxBytes: number,
  left: MetricCount,
): Promise<FamiliesRead | BodyTooLarge> {
  const parse = (bytes: Uint8Array): Steps<FamiliesRead> =>
    isProtobuf(headers.contentType) ? protobufBodySteps(bytes, left) : textBodySteps(bytes, names, left);
  const unpacked = await unpack(body, headers.contentEncoding?.toLowerCase(), maxBytes);
  if (unpacked === undefined || (typeof unpacked !== "string" && unpacked.length > maxBytes)) return tooLarge(maxBytes);
  if (typeof unpacked !== "string") return runStepByStep(parse(unpacked));
  return (await earlierProblem(body, maxBytes, parse)) ?? { ok: false, message: unpacked };
}

/** Ends of the error messages with which decompression fails for a truncated body. */
const ENDS_EARLY = ["unexpected end of input stream", "unexpected EOF"];

/**
 * Returns the parse error in the text before the position at which decompression failed, or undefined if this text is
 * valid. Pushgateway parses while it decompresses, so it reports a parse error first.
 */
async function earlierProblem(
  body: Uint8Array,
  maxBytes: number,
  parse: (bytes: Uint8Array) => Steps<FamiliesRead>,
): Promise<FamiliesRead | undefined> {
  if (body[0] !== GZIP_MAGIC[0] || body[1] !== GZIP_MAGIC[1]) return undefined;
  const limits = { maxOutputLength: maxBytes, finishFlush: constants.Z_SYNC_FLUSH };
  const start = await gunzipped(body, limits).catch(() => undefined);
  if (start === undefined) return undefined;
  const read = await runStepByStep(parse(start));
  return read.ok || ENDS_EARLY.some((end) => read.message.endsWith(end)) ? undefined : read;
}

export interface BodyTooLarge {
  readonly ok: false;
  readonly isTooLarge: true;
  readonly message: string;
}

export const tooLarge = (maxBytes: number): BodyTooLarge => ({
  ok: false,
  isTooLarge: true,
  message:
    maxBytes < MAX_BODY_BYTES
      ? `body is larger than ${maxBytes} bytes, which --push.max-body-bytes allows; push less at once, or raise the limit`
      : `body is larger than ${MAX_BODY_BYTES} bytes, the most that is read; push less at once`,
});

const isTooMuch = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE";

/**
 * Returns the decompressed body, or the reason why decompressing failed. Returns undefined if the body is too large.
 */
async function unpack(
  body: Uint8Array,
  encoding: string | undefined,
  maxBytes: number,
): Promise<Uint8Array | string | undefined> {
  if (encoding === "gzip") {
    try {
      return await gunzipped(body, { maxOutputLength: maxBytes });
    } catch (error) {
      return isTooMuch(error) ? undefined : gzipProblem(body, error);
    }
  }
  if (encoding !== "snappy") return body;
  try {
    return await runStepByStep(unpackSnappy(body, maxBytes));
  } catch (error) {
    if (error instanceof SnappyError) return error.message;
    throw error;
  }
}

const GZIP_HEADER_BYTES = 10;
const GZIP_MAGIC = [0x1f, 0x8b];

/**
 * Returns the problem with a gzip header, or undefined. As in Pushgateway, this problem is reported before any other
 * error of the request.
 */
export function packingProblem(body: Uint8Array, encoding: string | undefined): string | undefined {
  if (encoding?.toLowerCase() !== "gzip") return undefined;
  if (body.length < GZIP_HEADER_BYTES) return body.length === 0 ? "EOF" : "unexpected EOF";
  return body[0] === GZIP_MAGIC[0] && body[1] === GZIP_MAGIC[1] && body[2] === 8 ? undefined : "gzip: invalid header";
}

function gzipProblem(body: Uint8Array, error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (body.length === 0) return "EOF";
  if (body.length < GZIP_HEADER_BYTES || code === "Z_BUF_ERROR") return "unexpected EOF";
  return body[0] === GZIP_MAGIC[0] && body[1] === GZIP_MAGIC[1] ? "gzip: invalid checksum" : "gzip: invalid header";
}

/** Reports whether a Content-Type means protobuf. Case matters only in the values of parameters. */
function isProtobuf(contentType: string | undefined): boolean {
  const [media, ...parameters] = (contentType ?? "").split(";").map((part) => part.trim());
  const given = new Map(
    parameters.map((parameter) => {
      const [name = "", value = ""] = parameter.split("=", 2);
      return [name.toLowerCase(), value.replaceAll('"', "")];
    }),
  );
  return (
    media?.toLowerCase() === "application/vnd.google.protobuf" &&
    given.get("encoding") === "delimited" &&
    given.get("proto") === "io.prometheus.client.MetricFamily"
  );
}
