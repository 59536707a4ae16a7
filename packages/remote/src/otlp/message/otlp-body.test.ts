import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { MAX_MESSAGE_BYTES } from "../../message-limits.ts";
import { otlpBodyOf, unpackOtlp } from "./otlp-body.ts";

test.each([
  ["application/json", undefined, { ok: true, format: "json", compression: "" }],
  ["application/x-protobuf", "gzip", { ok: true, format: "protobuf", compression: "gzip" }],
  ["application/x-protobuf", "zstd", { ok: true, format: "protobuf", compression: "zstd" }],
  [
    "application/json",
    "br",
    { ok: false, problem: 'unsupported compression: br. Only "gzip", "zstd" or no compression supported' },
  ],
  [
    "toString",
    "",
    {
      ok: false,
      problem: "unsupported content type: toString, supported: [application/json, application/x-protobuf]",
    },
  ],
  [undefined, undefined, { ok: false, problem: expect.stringContaining("unsupported content type: ,") }],
])("a body of type %s with encoding %s", (type, encoding, expected) => {
  expect(otlpBodyOf(type, encoding)).toEqual(expected);
});

test.each<[string, (body: Buffer) => Buffer, string]>([
  ["another checksum", (body) => (body.writeUInt8(body.at(-5)! ^ 1, body.length - 5), body), "gzip: invalid checksum"],
  ["another length", (body) => (body.writeUInt8(body.at(-1)! ^ 1, body.length - 1), body), "gzip: invalid checksum"],
  ["other content", (body) => (body.writeUInt8(0xff, 12), body), "flate: corrupt input"],
  ["half of a header", (body) => body.subarray(0, 5), "unexpected EOF"],
  ["nine bytes that are no header", (body) => body.subarray(10, 19), "unexpected EOF"],
  ["ten bytes that are no header", (body) => body.subarray(10, 20), "gzip: invalid header"],
])("a gzip body with %s is refused", async (_, broken, problem) => {
  const body = broken(gzipSync(Buffer.from("abcdefghijklmnopqrstuvwxyz".repeat(20))));
  await expect(unpackOtlp(body, "gzip")).rejects.toThrow(problem);
});

test("a plain body beyond the limit of messages is refused with status 413", async () => {
  const body = new Uint8Array(MAX_MESSAGE_BYTES + 1);
  await expect(unpackOtlp(body.subarray(1), "")).resolves.toHaveLength(MAX_MESSAGE_BYTES);
  await expect(unpackOtlp(body, "")).rejects.toMatchObject({ status: 413 });
});
