import { expect, test } from "vitest";
import { requestTarget } from "./request-target.ts";

test.each([
  ["/metrics?a=%zz", "/metrics?a=%zz"],
  ["http://host/metrics?a=1", "/metrics?a=1"],
  ["HTTP://host:99/a%2Fb", "/a%2Fb"],
  ["http://host", "/"],
  ["http://host?a=1", "/?a=1"],
  ["*", "*"],

  ["metrics", undefined],
  ["/%zz", undefined],
  ["/a%2", undefined],
  ["http://host/%zz", undefined],
  ["http://host:port/", undefined],
  ["http://ho%zzst/", undefined],
])("requestTarget() of %s is %s", (url, expected) => {
  expect(requestTarget(url)).toBe(expected);
});
