import { expect, test } from "vitest";
import { authorityEnd, pathOf, requestOrigin } from "./request-head.ts";

const split = (url: string): unknown => {
  const end = authorityEnd(url);
  return end < 0 ? undefined : [requestOrigin(url.slice(0, end)), pathOf(url, end)];
};

test("a URL is split without any change", () => {
  expect(split("http://Host:80/a/../b?c=d")).toEqual([
    { secure: false, host: "Host", port: 80, authority: "Host:80" },
    "/a/../b?c=d",
  ]);
  expect(split("https://[::1]:9100?x")).toEqual([
    { secure: true, host: "::1", port: 9100, authority: "[::1]:9100" },
    "/?x",
  ]);
  expect(split("https://a")).toEqual([{ secure: true, host: "a", port: 443, authority: "a" }, "/"]);
});

test.each([
  "ftp://a/",
  "http://u:p@a/",
  "http://[fe80::1%25eth0]/",
  "http://ü/",
  "http://a:70000/",
  "http:///",
  "http://a#b",
])("%s is left to others", (url) => {
  const end = authorityEnd(url);
  expect(end < 0 ? undefined : requestOrigin(url.slice(0, end))).toBeUndefined();
});

test("a path with a character that would end a request line is refused", () => {
  for (const path of ["/a b", "/a\r\nX: y", "/ü", "/a#b", "/\u0000"])
    expect(pathOf(`http://a${path}`, 8)).toBeUndefined();
});
