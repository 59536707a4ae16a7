import { expect, test } from "vitest";
import { backLink, withBackLink } from "./back-link.ts";

const search = (back: string) => `?${new URLSearchParams({ filter: '{a="b"}', back })}`;

test.each([
  ["/d/abc/host?from=now-1h&to=now", "", "/d/abc/host?from=now-1h&to=now"],
  ["/d/abc", "/grafana", "/grafana/d/abc"],
  ["/d/abc", undefined, undefined],
  ["", "", undefined],
  ["//evil.test/d/abc", "", undefined],
  [String.raw`/\evil.test/d/abc`, "", undefined],
  ["https://evil.test/d/abc", "", undefined],
  ["javascript:alert(1)", "", undefined],
  ["/logout", "", undefined],
  ["/d/../logout", "", undefined],
  ["/d/..//evil.test", "", undefined],
])("the link back to %s from pages below %s is %s", (back, home, path) => {
  expect(backLink(search(back), home)).toBe(path);
});

test("the link back to the dashboard is kept from page to page", () => {
  expect(withBackLink("/silences/1", search("/d/a?b=c"))).toBe("/silences/1?back=%2Fd%2Fa%3Fb%3Dc");
  expect(withBackLink("/silences/1", "?filter=x")).toBe("/silences/1");
});
