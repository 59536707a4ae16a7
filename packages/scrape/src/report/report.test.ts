import { Labels } from "@narthex/model";
import { MemoryStorage } from "@narthex/storage/testing";
import { expect, test } from "vitest";
import { ReportSeries } from "./report.ts";
import { SampleBuffer } from "../ingest/sample-buffer.ts";

const limits = { timeoutMs: 500, sampleLimit: 7 };
const report = { up: true, durationSeconds: 0.25, samplesScraped: 3, samplesAdded: 2, seriesAdded: 1, bodyBytes: 99 };

async function append(series: ReportSeries, storage: MemoryStorage, timestamp: number): Promise<void> {
  const appender = storage.appender();
  series.append(appender, new SampleBuffer(), timestamp, report, limits);
  await appender.commit();
}

const stored = (storage: MemoryStorage): Record<string, number[]> =>
  Object.fromEntries(
    [...storage.series.values()].map(({ labels, samples }) => [
      labels.toString(),
      [...samples.values.subarray(0, samples.count)],
    ]),
  );

test("append() writes the report with the target's labels, and the extra series only if asked to", async () => {
  const storage = new MemoryStorage();
  await append(new ReportSeries(Labels.of({ job: "a" }), true), storage, 1000);
  expect(stored(storage)).toEqual({
    '{__name__="up", job="a"}': [1],
    '{__name__="scrape_duration_seconds", job="a"}': [0.25],
    '{__name__="scrape_samples_scraped", job="a"}': [3],
    '{__name__="scrape_samples_post_metric_relabeling", job="a"}': [2],
    '{__name__="scrape_series_added", job="a"}': [1],
    '{__name__="scrape_timeout_seconds", job="a"}': [0.5],
    '{__name__="scrape_sample_limit", job="a"}': [7],
    '{__name__="scrape_body_size_bytes", job="a"}': [99],
  });
  const plain = new MemoryStorage();
  await append(new ReportSeries(Labels.of({ job: "a" }), false), plain, 1000);
  expect(Object.keys(stored(plain))).toHaveLength(5);
});

test("append() requests series again that the storage has forgotten", async () => {
  const series = new ReportSeries(Labels.of({ job: "a" }), false);
  await append(series, new MemoryStorage(), 1000);
  const storage = new MemoryStorage();
  await append(series, storage, 2000);
  await append(series, storage, 3000);
  expect(stored(storage)['{__name__="up", job="a"}']).toEqual([1, 1]);
});
