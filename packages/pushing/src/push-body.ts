import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { ExpositionError, type MetricFamily, parseFamilies } from "@narthex/exposition";
import { quote } from "@narthex/model";
import type { NameRules } from "./name-rules.ts";
import { familiesFromProtobuf } from "./protobuf-families.ts";
import { SnappyError, unpackSnappy } from "./snappy-frames.ts";

const gunzipped = promisify(gunzip);

/** What a push's body holds, or what is wrong with it in Pushgateway's words. */
export type PushBody =
  | { readonly ok: true; readonly families: readonly MetricFamily[] }
  | { readonly ok: false; readonly message: string };

/** The headers that say how the body is written. */
export interface BodyHeaders {
  readonly contentType: string | undefined;
  readonly contentEncoding: string | undefined;
}

/** Largest unpacked body: the same as for bodies that come unpacked. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;

/** Unpacks and parses a body. Everything that is not declared as protobuf is the text format, as upstream has it. */
export async function readPushBody(body: Uint8Array, headers: BodyHeaders, names: NameRules): Promise<PushBody> {
  const unpacked = await unpack(body, headers.contentEncoding?.toLowerCase());
  if (typeof unpacked === "string") return { ok: false, message: unpacked };
  return isProtobuf(headers.contentType) ? readProtobuf(unpacked) : readText(unpacked, names);
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

function readProtobuf(body: Uint8Array): PushBody {
  try {
    return { ok: true, families: familiesFromProtobuf(body) };
  } catch (error) {
    if (error instanceof ExpositionError) return { ok: false, message: pushProblem(error.message) };
    throw error;
  }
}

function readText(body: Uint8Array, names: NameRules): PushBody {
  const result = parseFamilies(body);
  if (!result.ok) return result;
  const problem = nameProblem(result.families, names);
  if (problem === undefined) return result;
  return { ok: false, message: `text format parsing error in line ${lineOf(body, problem.name)}: ${problem.sentence}` };
}

interface NameProblem {
  readonly name: string;
  readonly sentence: string;
}

/** The parser takes any name in quotes; without the flag only the classic ones are allowed. */
function nameProblem(families: readonly MetricFamily[], names: NameRules): NameProblem | undefined {
  for (const { name, samples } of families) {
    if (!names.isMetric(name)) return { name, sentence: `invalid metric name ${quote(name)}` };
    for (const { labels } of samples) {
      const bad = labels.find((text, i) => i % 2 === 0 && !names.isLabel(text));
      if (bad !== undefined) return { name: bad, sentence: `invalid label name ${quote(bad)}` };
    }
  }
  return undefined;
}

/** The first line that has the name in it. */
function lineOf(body: Uint8Array, name: string): number {
  const text = Buffer.from(body).toString("utf8");
  return text.slice(0, Math.max(text.indexOf(name), 0)).split("\n").length;
}

/** What a Pushgateway says to a protobuf body that breaks its format; its reader has no words of its own for torn messages. */
const pushProblem = (message: string): string =>
  message.startsWith("clientpb: ") ? "unexpected EOF" : message.replace(/^proto: /, "");
