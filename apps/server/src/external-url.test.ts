import { hostname } from "node:os";
import { memoryLogger } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { webAddress } from "./external-url.ts";
import { readFeatures } from "./features.ts";
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
