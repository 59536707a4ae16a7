import { memoryLogger } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { featureFlagConflict, readFeatureFlags } from "./feature-flags.ts";

test("readFeatureFlags() accepts lists and repeated flags, and warns about names that are unknown, have no effect or are always on", () => {
  const logger = memoryLogger();
  const features = readFeatureFlags(["exemplar-storage,nonsense", "promql-duration-expr", " agent-of-chaos"], logger);
  expect([...features]).toEqual(["exemplar-storage"]);
  expect(logger.lines.map(({ fields }) => fields["option"])).toEqual([
    "nonsense",
    "promql-duration-expr",
    "agent-of-chaos",
  ]);
});

test("every feature of Prometheus has an effect or a log line, and the log line of a deprecated one names its replacement", () => {
  const logger = memoryLogger();
  const names = "st-synthesis,search-api,xor2-encoding,type-and-unit-labels,created-timestamp-zero-ingestion";
  expect([...readFeatureFlags([names], logger)]).toEqual(names.split(","));
  expect(logger.lines.map(({ fields }) => [fields["option"], fields["use"]])).toEqual([
    ["xor2-encoding", "storage.tsdb.chunk_encoding.floats in the configuration"],
  ]);
});

test("features that contradict each other are refused", () => {
  expect(featureFlagConflict(["otlp-deltatocumulative", "st-storage"])).toBeUndefined();
  expect(featureFlagConflict(["otlp-deltatocumulative, otlp-native-delta-ingestion"])).toMatch(/at the same time/);
});
