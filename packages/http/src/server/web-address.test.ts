import { hostname } from "node:os";
import { expect, test } from "vitest";
import { machineUrl, routePrefixOf } from "./web-address.ts";

test.each([
  ["", "http://x.org", ""],
  ["", "http://x.org/", ""],
  ["", "http://x.org/prom/", "/prom"],
  ["", "", ""],
  ["/", "http://x.org/prom", ""],
  ["metrics/", "http://x.org/prom", "/metrics"],
  ["//a/b//", "", "/a/b"],
])("with the flag %j and the external URL %j routes begin with %j", (flag, url, expected) =>
  expect(routePrefixOf(flag, url)).toBe(expected),
);

test("machineUrl() uses the port of any kind of address", () => {
  for (const listen of [":9093", "0.0.0.0:9093", "[::1]:9093"]) {
    expect(machineUrl(listen)).toBe(`http://${hostname()}:9093`);
  }
});
