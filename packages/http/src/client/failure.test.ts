import { expect, test } from "vitest";
import { alertText, describeFailure } from "./failure.ts";
import { ProxyConnectError } from "./tunnel.ts";

const alert = (number: number): Error =>
  new Error(
    `40:error:0A00045C:SSL routines:ssl3_read_bytes:some alert:rec_layer_s3.c:918:SSL alert number ${number}\n`,
  );

test.each([
  [116, "remote error: tls: certificate required"],
  [70, "remote error: tls: protocol version not supported"],
  [48, "remote error: tls: unknown certificate authority"],
  [99, "remote error: tls: alert(99)"],
])("alert %i is %s", (number, text) => {
  expect(describeFailure("GET", "https://a/", alert(number))).toBe(`Get "https://a/": ${text}`);
});

test("a message without an alert has no text", () => expect(alertText("wrong version number")).toBeUndefined());

test("a proxy that cannot be reached is said to be one", () => {
  const refused = Object.assign(new Error("x"), { code: "ECONNREFUSED", address: "127.0.0.1", port: 1 });
  expect(describeFailure("GET", "https://a/", new ProxyConnectError(refused))).toBe(
    'Get "https://a/": proxyconnect tcp: dial tcp 127.0.0.1:1: connect: connection refused',
  );
});

test("a reset says whether it came while the connection was opened", () => {
  const reset = Object.assign(new Error("x"), { code: "ECONNRESET", syscall: "connect", address: "::1", port: 1 });
  expect(describeFailure("GET", "https://a/", reset)).toBe(
    'Get "https://a/": dial tcp [::1]:1: connect: connection reset by peer',
  );
});

test("describeFailure() speaks as Go's client", () => {
  const refused = Object.assign(new Error("x"), { code: "ECONNREFUSED", address: "127.0.0.1", port: 1 });
  expect(describeFailure("GET", "http://a/", refused)).toBe(
    'Get "http://a/": dial tcp 127.0.0.1:1: connect: connection refused',
  );
  expect(describeFailure("POST", "http://a/", new DOMException("t", "TimeoutError"))).toBe(
    'Post "http://a/": context deadline exceeded',
  );
});
