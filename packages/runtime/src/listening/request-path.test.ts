import fc from "fast-check";
import { expect, test } from "vitest";
import { cleanPath, escapePath, healthChecks, requestPath } from "./request-path.ts";

test.each([
  ["/metrics?a=//", "/metrics"],
  ["/a%2fb", "/a/b"],
  ["/a%ff", "/a\xff"],
  ["/a\xe9", "/a\xe9"],
  ["/a%zz", undefined],
  ["/a%2", undefined],
])("requestPath() of %s is %s", (url, expected) => expect(requestPath(url)).toBe(expected));

test.each([
  ["/a%2fb", "/a/b"],
  ["//metrics", "/metrics"],
  ["/a//b/?x=1", "/a/b/"],
  ["/assets/..", "/"],
  ["/assets/%2e%2e", "/"],
  ["/assets/../../etc/passwd", "/etc/passwd"],
  ["/./a b/.", "/a%20b"],
  ["/%2f%2fevil.example", "/evil.example"],
  ["//%ff", "/%FF"],
  ["//%c3%a9*", "/%C3%A9%2A"],
  ["/a/.../b", "/a/.../b"],
])("the clean path of %s is %s", (url, expected) => expect(escapePath(cleanPath(requestPath(url)!))).toBe(expected));

const path = fc
  .array(fc.constantFrom("", ".", "..", "a", "b%"), { maxLength: 8 })
  .map((parts) => `/${parts.join("/")}`);

test("a clean path is not changed, and no path leads above the root", () =>
  fc.assert(
    fc.property(path, (dirty) => {
      const clean = cleanPath(dirty);
      expect(cleanPath(clean)).toBe(clean);
      expect(clean).toMatch(/^\/(?:[^/]+\/)*[^/]*$/);
      expect(clean.split("/")).not.toContain("..");
    }),
  ));

test("requestPath() reverses escapePath() for every byte", () =>
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const text = `/${Buffer.from(bytes).toString("latin1")}`;
      expect(requestPath(escapePath(text))).toBe(text);
    }),
  ));

test.each([
  ["", "/-/healthy", true],
  ["", "/-/ready?a=1", true],
  ["", "/prefix/-/ready", false],
  ["", "/metrics?/-/healthy", false],
  ["", "/api/v1/series?a=/-/ready?", false],
  ["/prefix", "/prefix/-/ready?a=1", true],
  ["/prefix", "/-/ready", false],
  ["/prefix", "/prefix/x/-/healthy", false],
])("below %j, is %s a question for health? %s", (prefix, url, expected) =>
  expect(healthChecks(prefix)(url)).toBe(expected),
);

test("healthChecks() also recognises more paths below the prefix, and nothing else", () => {
  const isHealthCheck = healthChecks("/prefix", ["/"]);
  expect(["/prefix/", "/prefix/?a=1", "/prefix/-/ready"].map(isHealthCheck)).toEqual([true, true, true]);
  expect(["/", "/prefix", "/prefix/metrics"].map(isHealthCheck)).toEqual([false, false, false]);
});
