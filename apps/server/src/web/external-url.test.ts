import { hostname } from "node:os";
import { expect, test } from "vitest";
import { webAddress } from "./external-url.ts";

test.each([
  ["", "", { externalUrl: `http://${hostname()}:9090`, routePrefix: "" }],
  ["http://x.org/prom/", "", { externalUrl: "http://x.org/prom", routePrefix: "/prom" }],
  ["http://x.org/prom", "/", { externalUrl: "http://x.org/prom", routePrefix: "" }],
  ["/prom", "", { externalUrl: `http://${hostname()}:9090/prom`, routePrefix: "/prom" }],
  ["", "metrics/", { externalUrl: `http://${hostname()}:9090`, routePrefix: "/metrics" }],
])("external URL %j with prefix %j", (url, prefix, expected) =>
  expect(webAddress(url, prefix, "0.0.0.0:9090")).toEqual(expected),
);

test("an external URL in quotes is refused", () =>
  expect(() => webAddress('"http://x"', "", ":9090")).toThrow("must not begin or end with quotes"));
