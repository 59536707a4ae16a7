import type { ScrapeConfig } from "@narthex/config";
import { Labels } from "@narthex/model";
import { expect, test, vi } from "vitest";
import { sampleLabels, SeriesError } from "./sample-labels.ts";

const job = (limit: number): ScrapeConfig =>
  ({
    honorLabels: false,
    metricRelabelConfigs: [],
    metricNameValidationScheme: "utf8",
    labelLimit: limit,
    labelNameLengthLimit: 0,
    labelValueLengthLimit: 0,
  }) as unknown as ScrapeConfig;

test("a label that a line repeats very often does not cause a search of all labels for each repetition", () => {
  const exposed = ["__name__", "x"];
  for (let i = 0; i < 2000; i++) exposed.push(`a${i}`, "1", "z", "1");
  const get = vi.spyOn(Labels.prototype, "get");
  try {
    expect(() => sampleLabels(exposed, Labels.EMPTY, job(4000))).toThrow(SeriesError);
    expect(get.mock.calls.length).toBeLessThan(10);
  } finally {
    get.mockRestore();
  }
});

test("repeated labels count for label_limit", () => {
  const exposed = ["__name__", "x", "a", "1", "a", "2", "b", "3"];
  expect(sampleLabels(exposed, Labels.EMPTY, job(4))?.size).toBe(3);
  expect(() => sampleLabels(exposed, Labels.EMPTY, job(3))).toThrow("number of labels: 4, limit: 3");
});
