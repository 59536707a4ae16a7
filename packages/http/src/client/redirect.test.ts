import { expect, test } from "vitest";
import { keepsCredentials, referer } from "./redirect.ts";

test.each([
  ["http://a:1/", "https://a:2/", true],
  ["http://a/", "http://b.a/", true],
  ["http://a/", "http://b/", false],
  ["http://b.a/", "http://a/", false],
  ["http://a/", "http://xa/", false],
  ["http://0.0.1/", "http://127.0.0.1/", false],
  ["http://127.0.0.1/", "http://1.127.0.0.1.example/", false],
])("secrets go from %s to %s: %s", (from, to, expected) => expect(keepsCredentials(from, to)).toBe(expected));

test("referer() tells no plain host of a secure one, and nobody a password", () => {
  expect(referer("http://u:p@a/x?y", "https://b/")).toBe("Referer: http://a/x?y\r\n");
  expect(referer("https://a/", "http://b/")).toBe("");
});
