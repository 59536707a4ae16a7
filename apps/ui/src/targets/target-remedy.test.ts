import { expect, test } from "vitest";
import type { ActiveTarget } from "../api/target-data.ts";
import { remedyOf } from "./target-remedy.ts";

const failing = (lastError: string, scrapeUrl = "http://shop:8000/metrics"): ActiveTarget => ({
  scrapePool: "shop",
  scrapeUrl,
  health: "down",
  lastError,
  globalUrl: scrapeUrl,
  labels: { job: "shop" },
  discoveredLabels: {},
  lastScrape: "",
  lastScrapeDuration: 0,
  scrapeInterval: "15s",
  scrapeTimeout: "10s",
});

test.each([
  ['Get "https://shop:8000/metrics": http: server gave HTTP response to HTTPS client', "scheme to http"],
  ["net/http: HTTP/1.x transport connection broken: malformed HTTP response", "scheme to https"],
  ["tls: failed to verify certificate: x509: certificate is valid for a, not b", "server_name"],
  ["tls: failed to verify certificate: x509: certificate signed by unknown authority", "ca_file"],
  ['Get "http://shop:8000/metrics": dial tcp 10.0.0.1:8000: connect: connection refused', "all addresses"],
  ['Get "http://shop:8000/metrics": dial tcp: lookup shop on 127.0.0.11:53: no such host', "name of the service"],
  ["dial tcp 10.0.0.1:8000: connect: no route to host", "firewalls"],
  ['Get "http://shop:8000/metrics": context deadline exceeded', "within 10s"],
  ["server returned HTTP status 401 Unauthorized", "basic_auth"],
  ["server returned HTTP status 404 Not Found", "metrics_path"],
  ["server returned HTTP status 500 Internal Server Error", "Read its log"],
  ['received unsupported Content-Type "text/html" and no fallback_scrape_protocol', "fallback_scrape_protocol"],
  ["sample limit exceeded", "raise the limit"],
  ['expected a valid start token, got "<" ("INVALID") while parsing: "<"', "not a metric"],
])("%s has a remedy", (error, part) => {
  expect(remedyOf(failing(error))).toContain(part);
});

test("a target on the server's own host may be another container", () => {
  const refused = "dial tcp 127.0.0.1:8000: connect: connection refused";
  expect(remedyOf(failing(refused, "http://localhost:8000/metrics"))).toContain("the container itself");
});

test("an unknown error and a target without an error have no remedy", () => {
  expect([remedyOf(failing("something else")), remedyOf(failing(""))]).toEqual(["", ""]);
});
