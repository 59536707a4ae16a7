import { expect, test } from "vitest";
import { schemeAndHost, withPath } from "./service-url.ts";

test.each([
  ["http://h", "http://h/a/b"],
  ["http://h/", "http://h/a/b"],
  ["https://u:p@h:1/x//y/../z/?q=1#f", "https://u:p@h:1/x/z/a/b?q=1#f"],
  ["h.example", "h.example/a/b"],
])("a path is added to %s", (url, joined) => {
  expect(withPath(url, "a/b")).toBe(joined);
});

test.each([
  ["HTTP://u@h:1/x", "http", "h:1"],
  ["//h?x", "", "h"],
  ["http://u:p@/x", "http", ""],
  ["http:h", "http", ""],
  ["h/x://y", "", ""],
])("scheme and host of %s are %j and %j", (url, scheme, host) => {
  expect(schemeAndHost(url)).toEqual({ scheme, host });
});
