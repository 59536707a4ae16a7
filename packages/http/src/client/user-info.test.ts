import { expect, test } from "vitest";
import { splitUserInfo, maskPassword } from "./user-info.ts";

test.each([
  ["http://u:p@a/x", "http://a/x", "u:p"],
  ["http://u%40x:p%2Fq@a:1?b", "http://a:1?b", "u@x:p/q"],
  ["https://u@a", "https://a", "u:"],
  ["https://:p@a", "https://a", ":p"],
  ["http://u:a@b@h/", "http://h/", "u:a@b"],
  ["http://u:%ff@h/", "http://h/", "u:\xff"],
])("splitUserInfo(%j)", (url, rest, pair) => {
  expect(splitUserInfo(url)).toEqual({ url: rest, authorization: `Basic ${btoa(pair)}` });
});

test.each(["http://a/x@y", "http://a?x@y", "http://a#x@y", "http://a\\@b/", "http://a/", "@"])(
  "%j contains no user",
  (url) => expect(splitUserInfo(url)).toEqual({ url, authorization: "" }),
);

test("maskPassword() hides the password, as Go does", () => {
  expect(maskPassword("http://u:p@a/x")).toBe("http://u:***@a/x");
  expect(maskPassword("http://u:p/q@a/x")).toBe("http://u:***@a/x");
  expect(maskPassword("u:p@h:8500")).toBe("u:***@h:8500");
  expect(maskPassword("http://u@a/x")).toBe("http://u@a/x");
  expect(maskPassword("http://a/x:y@z")).toBe("http://a/x:y@z");
});
