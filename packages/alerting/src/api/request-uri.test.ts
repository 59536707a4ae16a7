import { expect, test } from "vitest";
import { isRequestUri } from "./request-uri.ts";

test.each([
  "http://x",
  "/x",
  "//x",
  "x:y",
  "http://[::1]:9090/a?b=%zz",
  "mailto:a@b",
  "*",
  "http://a@b/é",
  "http://x#a b",
])("isRequestUri() takes %j", (text) => expect(isRequestUri(text)).toBe(true));

test.each([
  "",
  "x",
  "::bad",
  "1:2",
  "http://x y",
  "http://x/%zz",
  "http://[::1",
  "http://a:b",
  "#a",
  "http://x/\u007f",
])("isRequestUri() refuses %j", (text) => expect(isRequestUri(text)).toBe(false));

test("isRequestUri() reads a long text that is no URL in one pass", () => {
  expect(isRequestUri(`http://x/${"?".repeat(1_000_000)}\u0001`)).toBe(false);
});
