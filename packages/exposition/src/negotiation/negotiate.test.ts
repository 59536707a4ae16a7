import { expect, test } from "vitest";
import { acceptHeader, bodyFormat, negotiateAnswer } from "./negotiate.ts";

const TEXTS = ["OpenMetricsText1.0.0", "OpenMetricsText0.0.1", "PrometheusText1.0.0", "PrometheusText0.0.4"] as const;

test("acceptHeader() returns Prometheus' default, or protobuf first with the same weights", () => {
  expect(acceptHeader(TEXTS, "allow-utf-8")).toBe(
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5," +
      "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
  );
  const header = acceptHeader(["PrometheusProto", ...TEXTS], "underscores");
  expect(header).toMatch(/^application\/vnd\.google\.protobuf;proto=[\w.]+;encoding=delimited;q=0\.6,/);
  expect(header).toMatch(/,\*\/\*;q=0\.1$/);
});

test.each([
  ["text/plain; version=0.0.4; charset=utf-8", "text"],
  ["TEXT/PLAIN", "text"],
  ["application/openmetrics-text; version=9", "openmetrics"],
  ['application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding="delimited"', "protobuf"],
])("bodyFormat() takes %s", (type, format) => {
  expect(bodyFormat(type, undefined)).toEqual({ ok: true, format });
});

test.each([
  [
    undefined,
    "non-compliant scrape target sending blank Content-Type and no fallback_scrape_protocol specified for target",
  ],
  [
    "a/b/c",
    'cannot parse Content-Type "a/b/c" and no fallback_scrape_protocol for target\nmime: unexpected content after media subtype',
  ],
  ["text/html", 'received unsupported Content-Type "text/html" and no fallback_scrape_protocol specified for target'],
])("bodyFormat() refuses %s without a fallback", (type, problem) => {
  expect(bodyFormat(type, undefined)).toEqual({ ok: false, problem });
  expect(bodyFormat(type, "PrometheusText0.0.4")).toEqual({ ok: true, format: "text" });
});

test("negotiateAnswer() follows weight and escaping, and offers OpenMetrics only if asked to", () => {
  expect(negotiateAnswer(undefined).contentType).toBe("text/plain; version=0.0.4; charset=utf-8; escaping=underscores");
  expect(negotiateAnswer(acceptHeader(TEXTS, "allow-utf-8"))).toMatchObject({
    format: "text",
    escaping: "allow-utf-8",
  });
  expect(negotiateAnswer(acceptHeader(TEXTS, "dots"), true).contentType).toBe(
    "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=dots",
  );
  expect(negotiateAnswer(acceptHeader(["PrometheusProto"], "values")).format).toBe("protobuf");
});

test.each([
  ["; a=b", true],
  ['; a="b;c\\"d" ; e=f ; ', true],
  ["; a=b;", true],
  [";", true],
  ["; a", false],
  ["; a=", false],
  ['; a="b', false],
  ['; a="b\\"', false],
  ["; a=b; ; c=d", false],
  ['; a="b"c', false],
  ["; a=b c", false],
])("the parameters %s are those of a media type: %s", (parameters, valid) => {
  expect(bodyFormat(`text/plain${parameters}`, undefined).ok).toBe(valid);
});

test.each([
  ["a long quoted text", (length: number) => `text/plain; a="${"x".repeat(length)}"`],
  ["many escapes", (length: number) => `text/plain; a="${"\\x".repeat(length / 2)}"`],
  ["many parameters", (length: number) => `text/plain${";a=b".repeat(length / 4)}`],
])("a Content-Type of 10 MiB with %s is read in one pass", (_, make) => {
  expect(bodyFormat(make(10 * 1024 * 1024), undefined).ok).toBe(true);
  const refused = bodyFormat(`${make(10 * 1024 * 1024)};"`, undefined);
  expect(refused.ok ? "" : refused.problem).toMatch(/^cannot parse Content-Type "text.{1010,3000}…" and no fallback/);
});
