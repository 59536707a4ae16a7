import { WireWriter } from "@narthex/bytes";
import type { OtlpConfig } from "@narthex/config";
import { isStaleAt, type Labels, wordsOf } from "@narthex/model";
import { ManualClock } from "@narthex/runtime/testing";
import type { Appender } from "@narthex/storage";
import { MemoryStorage } from "@narthex/storage/testing";
import { OtlpReceiver, type OtlpReceiverOptions, type OtlpResult } from "../otlp/otlp-receiver.ts";
import { type OtlpObject, writeOtlpRequest } from "./otlp-message.ts";

/** Current time in the OTLP tests, Unix ms. */
export const NOW = 1_700_000_000_000;
/** The OTLP configuration that applies if a configuration file has no section `otlp`. */
export const OTLP_CONFIG: OtlpConfig = {
  promoteAllResourceAttributes: false,
  promoteResourceAttributes: [],
  ignoreResourceAttributes: [],
  translationStrategy: "UnderscoreEscapingWithSuffixes",
  keepIdentifyingResourceAttributes: false,
  convertHistogramsToNhcb: false,
  promoteScopeMetadata: false,
  labelNameUnderscoreSanitization: true,
  labelNamePreserveMultipleUnderscores: true,
};

export class OtlpRig {
  readonly storage = new MemoryStorage();
  readonly clock = new ManualClock(NOW);
  readonly receiver: OtlpReceiver;
  config: OtlpConfig;
  /** Number of label sets that were created for the storage. */
  resolved = 0;

  constructor(config: Partial<OtlpConfig> = {}, options: Partial<OtlpReceiverOptions> = {}) {
    this.config = { ...OTLP_CONFIG, ...config };
    this.receiver = new OtlpReceiver({
      appendable: { appender: (its = {}): Appender => this.#watched(this.storage.appender(its)) },
      clock: this.clock,
      config: () => this.config,
      outOfOrderWindowMs: () => 0,
      lookbackMs: 300_000,
      deltas: "refuse",
      withMetadata: false,
      typeAndUnitLabels: false,
      ...options,
    });
  }

  #watched(appender: Appender): Appender {
    const series = appender.series.bind(appender);
    appender.series = (labels: Labels) => {
      this.resolved++;
      return series(labels);
    };
    return appender;
  }

  send(message: OtlpObject): Promise<OtlpResult> {
    return this.receiver.receive("protobuf", "", encoded(message));
  }

  /** Values of each stored series, by its labels. A value is a number, "stale", or a histogram as text. */
  get stored(): Readonly<Record<string, readonly unknown[]>> {
    const entries = [...this.storage.series.values()].map(({ labels, samples }) => {
      const words = wordsOf(samples.values);
      const values = Array.from({ length: samples.count }, (_, i) =>
        isStaleAt(words, i) ? "stale" : (samples.histograms?.[i] ?? samples.values[i]!),
      );
      return [labels.toString(), values] as const;
    });
    return Object.fromEntries(entries.filter(([, values]) => values.length > 0));
  }
}

export function encoded(message: OtlpObject): Uint8Array {
  const out = new WireWriter();
  writeOtlpRequest(out, message);
  return out.written.slice();
}

export const text = (key: string, value: string): OtlpObject => ({ key, value: { stringValue: value } });
export const at = (ms: number): string => `${ms}000000`;

/** Returns an OTLP request with one scope and one resource, which represents a service. */
export const request = (metrics: readonly OtlpObject[], attributes: readonly OtlpObject[] = []): OtlpObject => ({
  resourceMetrics: [
    {
      resource: { attributes: [text("service.name", "cart"), ...attributes] },
      scopeMetrics: [{ scope: { name: "lib", version: "2", attributes: [text("k", "v")] }, metrics, schemaUrl: "url" }],
    },
  ],
});
export const gauge = (name: string, ...dataPoints: readonly OtlpObject[]): OtlpObject => ({
  name,
  gauge: { dataPoints },
});
export const sum = (
  name: string,
  aggregationTemporality: number,
  ...dataPoints: readonly OtlpObject[]
): OtlpObject => ({
  name,
  sum: { dataPoints, aggregationTemporality, isMonotonic: true },
});
export const point = (ms: number, value: number, attributes: readonly OtlpObject[] = []): OtlpObject => ({
  timeUnixNano: at(ms),
  asDouble: value,
  attributes,
});
export const answered = ({ status, problem }: OtlpResult): readonly unknown[] => [status, problem];
