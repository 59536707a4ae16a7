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

test("a message without a TLS alert has no alert text", () =>
  expect(alertText("wrong version number")).toBeUndefined());

test("the error of an unreachable proxy says that it is a proxy", () => {
  const refused = Object.assign(new Error("x"), { code: "ECONNREFUSED", address: "127.0.0.1", port: 1 });
  expect(describeFailure("GET", "https://a/", new ProxyConnectError(refused))).toBe(
    'Get "https://a/": proxyconnect tcp: dial tcp 127.0.0.1:1: connect: connection refused',
  );
});

test("the error of a reset says whether the connection was being opened", () => {
  const reset = Object.assign(new Error("x"), { code: "ECONNRESET", syscall: "connect", address: "::1", port: 1 });
  expect(describeFailure("GET", "https://a/", reset)).toBe(
    'Get "https://a/": dial tcp [::1]:1: connect: connection reset by peer',
  );
});

test("describeFailure() uses the messages of Go's client", () => {
  const refused = Object.assign(new Error("x"), { code: "ECONNREFUSED", address: "127.0.0.1", port: 1 });
  expect(describeFailure("GET", "http://a/", refused)).toBe(
    'Get "http://a/": dial tcp 127.0.0.1:1: connect: connection refused',
  );
  expect(describeFailure("POST", "http://a/", new DOMException("t", "TimeoutError"))).toBe(
    'Post "http://a/": context deadline exceeded',
  );
});
