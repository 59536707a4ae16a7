import { hostname } from "node:os";
import { memoryLogger } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { webAddress } from "./external-url.ts";
import { readFeatures, refusedFeatures } from "./features.ts";
import { decodeLabelName } from "./routes/series.ts";

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

test("readFeatures() takes lists and repeats, warns of what is unknown, without effect or always on", () => {
  const logger = memoryLogger();
  const features = readFeatures(["exemplar-storage,nonsense", "promql-duration-expr", " agent-of-chaos"], logger);
  expect([...features]).toEqual(["exemplar-storage"]);
  expect(logger.lines.map(({ fields }) => fields["option"])).toEqual([
    "nonsense",
    "promql-duration-expr",
    "agent-of-chaos",
  ]);
});

test("decodeLabelName() reads value-encoded names", () => {
  expect(decodeLabelName("job")).toBe("job");
  expect(decodeLabelName("U__a_2e_b__c")).toBe("a.b_c");
  expect(() => decodeLabelName("")).toThrow("invalid label name");
});

test("every feature that Prometheus knows has effect or a line in the log, and those about to go name what to use", () => {
  const logger = memoryLogger();
  const names = "use-uncached-io,search-api,xor2-encoding,type-and-unit-labels,created-timestamp-zero-ingestion";
  expect([...readFeatures([names], logger)]).toEqual(names.split(",").slice(2));
  expect(logger.lines.map(({ fields }) => [fields["option"], fields["use"]])).toEqual([
    ["use-uncached-io", undefined],
    ["search-api", undefined],
    ["xor2-encoding", "storage.tsdb.chunk_encoding.floats in the configuration"],
  ]);
});

test("features that contradict each other are refused", () => {
  expect(refusedFeatures(["otlp-deltatocumulative", "st-storage"])).toBeUndefined();
  expect(refusedFeatures(["otlp-deltatocumulative, otlp-native-delta-ingestion"])).toMatch(/at the same time/);
});
