import { expect, test } from "vitest";
import { acceptedMessages, WRITE_MESSAGES, writeMessageOf } from "./write-protocol.ts";

const ALL = { messages: new Set(WRITE_MESSAGES), zstd: false };
const V2 = "application/x-protobuf;proto=io.prometheus.write.v2.Request";

test.each([
  [undefined, undefined, "prometheus.WriteRequest"],
  ["application/x-protobuf", "snappy", "prometheus.WriteRequest"],
  [" application/x-protobuf ; a=b ", "", "expected application/x-protobuf as the first (media) part, got"],
  ["application/x-protobuf;a=b; proto=prometheus.WriteRequest", "Snappy", "prometheus.WriteRequest"],
  [V2, "snappy", "io.prometheus.write.v2.Request"],
  ["text/plain", "snappy", "got text/plain content-type"],
  ["application/x-protobuf;proto", "snappy", "expected parameters to be key-values, got proto in"],
  ["application/x-protobuf;proto=foo", "snappy", "unknown remote write protobuf message foo, supported: prometheus."],
  [V2, "gzip", "gzip encoding (compression) is not accepted by this server; only snappy is acceptable"],
])("Content-Type %s and Content-Encoding %s: %s", (type, encoding, expected) => {
  const choice = writeMessageOf(type, encoding, ALL);
  expect(choice.ok ? choice.message : choice.problem).toContain(expected);
});

test("a message that the flag does not list is refused, and the flag accepts known messages only", () => {
  const messages = acceptedMessages(["prometheus.WriteRequest"]);
  if (typeof messages === "string") throw new Error(messages);
  expect(writeMessageOf(V2, "snappy", { messages, zstd: false })).toEqual({
    ok: false,
    problem:
      "io.prometheus.write.v2.Request protobuf message is not accepted by this server; accepted " +
      '["prometheus.WriteRequest"]',
  });
  expect(acceptedMessages(["foo"])).toMatch(/^unknown remote write protobuf message foo, supported:/);
});

test("zstd is accepted if enabled; otherwise it is refused like by Prometheus", () => {
  expect(writeMessageOf(V2, "zstd", { ...ALL, zstd: true })).toEqual({
    ok: true,
    message: "io.prometheus.write.v2.Request",
    compression: "zstd",
  });
  expect(writeMessageOf(V2, "zstd", ALL).ok).toBe(false);
});
