import { ByteWriter, SnappyCompressor } from "@narthex/bytes";
import { Labels } from "@narthex/model";
import { ManualClock } from "@narthex/runtime/testing";
import { histogramOf, MemoryStorage } from "@narthex/storage/testing";
import { expect, test } from "vitest";
import { WriteReceiver } from "../../receiver/write-receiver.ts";
import { SentSeries } from "../series/sent-series.ts";
import { V2Encoder } from "./encode-v2.ts";
import { SampleBatch } from "./sample-batch.ts";

const NOW = 1_000_000;

test("a receiver stores floats, histograms, exemplars, start times and metadata of a request of 2.0", async () => {
  const series = new SentSeries({ version: 2, externalLabels: Labels.of({ cluster: "c" }), rules: [] });
  const names = ["a", "b"];
  for (const [ref, name] of names.entries()) series.store(ref, Labels.of({ __name__: name }), 0);
  series.storeMetadata(0, { type: "counter", help: "what it counts", unit: "bytes" });
  const [a, b] = names.map((_, ref) => series.rowOf(ref)) as [number, number];
  const batch = new SampleBatch(8);
  const words = new Uint32Array(Float64Array.of(1.5, 2.5).buffer);
  const histogram = histogramOf(3);
  batch.addFloat(a, NOW, words[1]!, words[0]!, NOW - 500);
  batch.addHistogram(b, NOW, histogram, 0);
  batch.addExemplar(a, { labels: Labels.of({ trace: "1" }), value: 7, timestamp: NOW });
  batch.addExemplar(b, { labels: Labels.of({ trace: "2" }), value: 8, timestamp: NOW });
  batch.addExemplar(a, { labels: Labels.of({ trace: "3" }), value: 9, timestamp: NOW + 1 });
  batch.addFloat(a, NOW + 1, words[3]!, words[2]!, NOW - 500);
  const message = new ByteWriter();
  expect(new V2Encoder(series).encode(batch, message, 0)).toBe(2);

  const storage = new MemoryStorage();
  const receiver = new WriteReceiver({
    appendable: storage,
    clock: new ManualClock(NOW),
    outOfOrderWindowMs: () => 0,
    withMetadata: true,
    typeAndUnitLabels: false,
  });
  const body = new SnappyCompressor().compress(message.written);
  const answer = await receiver.receive("io.prometheus.write.v2.Request", body);
  expect([answer.status, answer.problem]).toEqual([204, ""]);
  expect(answer.counts).toEqual({ samples: 2, histograms: 1, exemplars: 3 });
  const stored = [...storage.series.values()].map(({ labels, samples }) => ({
    labels: labels.toString(),
    samples: Array.from({ length: samples.count }, (_, i) => [
      samples.timestamps[i],
      samples.histograms?.[i]?.count ?? samples.values[i],
      samples.startTimestamps?.[i] ?? 0,
    ]),
  }));
  expect(stored).toEqual([
    {
      labels: '{__name__="a", cluster="c"}',
      samples: [
        [NOW, 1.5, NOW - 500],
        [NOW + 1, 2.5, NOW - 500],
      ],
    },
    { labels: '{__name__="b", cluster="c"}', samples: [[NOW, histogram.count, 0]] },
  ]);
  expect(storage.metadata.map(({ metadata }) => metadata)).toContainEqual({
    type: "counter",
    help: "what it counts",
    unit: "bytes",
  });
});
