import type { OtlpConfig } from "@narthex/config";
import { type FloatHistogram, type Labels, type Span, wordsOf } from "@narthex/model";
import { ManualClock } from "@narthex/runtime/testing";
import { type Appender, type Exemplar, OUTCOME_OK, type SampleBatch } from "@narthex/storage";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { NOW, OTLP_CONFIG } from "../testing/otlp-rig.ts";
import { OtlpReceiver, type OtlpResult } from "./otlp-receiver.ts";

/** An OTLP request with its expected result, recorded from the decoder and translator of Prometheus 3.5.3. */
interface Recorded {
  readonly config: Partial<OtlpConfig>;
  readonly storesDeltas: boolean;
  readonly format: "protobuf" | "json";
  readonly body: string;
  /** Reason why Prometheus refuses the OTLP request. */
  readonly problem?: string;
  readonly leftOut?: readonly string[];
  /** Labels, samples (time, bits of the value), histograms and exemplars of each series. */
  readonly series?: readonly (readonly [string[], unknown[], unknown[], unknown[]])[];
}

const RECORDED = JSON.parse(
  readFileSync(new URL("../../fixtures/otlp-translations.json", import.meta.url), "utf8"),
) as readonly Recorded[];
const STALE = "7ff0000000000002";

const bitsOf = (value: number): string => new BigUint64Array(Float64Array.of(value).buffer)[0]!.toString(16);

interface Written {
  readonly labels: readonly string[];
  readonly samples: unknown[];
  readonly histograms: unknown[];
  readonly exemplars: unknown[];
}

/** A storage that records all appended data, by series. */
class RecordingStorage {
  readonly series = new Map<string, Written>();
  readonly #refs: string[] = [];

  appender(): Appender {
    const of = (ref: number): Written => this.series.get(this.#refs[ref - 1]!)!;
    return {
      series: (labels: Labels) => {
        const { key } = labels;
        if (!this.series.has(key)) {
          this.series.set(key, { labels: [...labels.pairs], samples: [], histograms: [], exemplars: [] });
        }
        return this.#refs.push(key);
      },
      append(batch: SampleBatch) {
        const words = wordsOf(batch.values);
        for (let i = 0; i < batch.count; i++) {
          const bits = (BigInt(words[i * 2 + 1]!) << 32n) | BigInt(words[i * 2]!);
          of(batch.refs[i]!).samples.push([String(batch.timestamps[i]), bits.toString(16)]);
          batch.outcomes[i] = OUTCOME_OK;
        }
      },
      appendHistogram(ref: number, timestamp: number, histogram: FloatHistogram) {
        of(ref).histograms.push(histogramText(timestamp, histogram));
        return OUTCOME_OK;
      },
      appendExemplar(ref: number, { timestamp, value, labels }: Exemplar) {
        of(ref).exemplars.push([String(timestamp), bitsOf(value), [...labels]]);
        return OUTCOME_OK;
      },
      commit: async () => undefined,
      rollback: () => undefined,
    };
  }

  /** The appended data in the form of the recorded results, sorted by labels. */
  get written(): unknown {
    return [...this.series.values()]
      .map(({ labels, samples, histograms, exemplars }) => [
        labels,
        sorted(samples),
        sorted(histograms),
        sorted(exemplars),
      ])
      .toSorted(byText);
  }
}

const spansOf = (spans: readonly Span[]): unknown => spans.map(({ offset, length }) => [offset, length]);

const histogramText = (timestamp: number, histogram: FloatHistogram): unknown => [
  String(timestamp),
  histogram.schema,
  histogram.stale === true ? STALE : bitsOf(histogram.sum),
  histogram.stale === true ? "stale" : String(histogram.count),
  String(histogram.zeroCount),
  histogram.resetHint,
  spansOf(histogram.positiveSpans),
  [...histogram.positiveBuckets],
  spansOf(histogram.negativeSpans),
  [...histogram.negativeBuckets],
  histogram.customBounds === undefined ? null : [...histogram.customBounds],
];

const byText = (a: unknown, b: unknown): number => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
const sorted = (values: readonly unknown[]): readonly unknown[] => values.toSorted(byText);

const receiverInto = (storage: RecordingStorage, { config, storesDeltas }: Recorded): OtlpReceiver => {
  const whole = { ...OTLP_CONFIG, ...config };
  return new OtlpReceiver({
    appendable: storage,
    clock: new ManualClock(NOW),
    config: () => whole,
    outOfOrderWindowMs: () => 0,
    lookbackMs: 300_000,
    deltas: storesDeltas ? "store" : "refuse",
    withMetadata: false,
    typeAndUnitLabels: false,
  });
};

test("the recorded requests contain requests of each kind", () => {
  const kinds = RECORDED.map(({ config, format, problem }) => JSON.stringify([config, format, problem !== undefined]));
  expect(new Set(kinds).size).toBeGreaterThan(10);
});

test.each(RECORDED.map((recorded, i) => [i, recorded.format, recorded] as const))(
  "request %i, %s, gives Prometheus' series, both the first time and when its series are already known",
  async (_, format, recorded) => {
    const storage = new RecordingStorage();
    const receiver = receiverInto(storage, recorded);
    const send = (): Promise<OtlpResult> => receiver.receive(format, "", Buffer.from(recorded.body, "base64"));
    for (let time = 0; time < 2; time++) {
      for (const series of storage.series.values()) {
        series.samples.length = series.histograms.length = series.exemplars.length = 0;
      }
      const { status, problem, leftOut } = await send();
      if (recorded.problem !== undefined) {
        expect([status, problem]).toEqual([400, recorded.problem]);
        continue;
      }
      expect([status, leftOut]).toEqual([200, recorded.leftOut]);
      expect(storage.written).toEqual(
        recorded.series!.map(([labels, ...rest]) => [labels, ...rest.map(sorted)]).toSorted(byText),
      );
    }
  },
);
