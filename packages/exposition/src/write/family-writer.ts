import { WireWriter } from "@narthex/bytes";
import { type FloatHistogram, formatFloat, usesCustomBuckets } from "@narthex/model";
import type { MetricType } from "../family.ts";
import { cumulativeBuckets } from "./cumulative-buckets.ts";
import { escaped, type EscapingScheme } from "./name-escaping.ts";
import { writeClassicMetric, writeFamilyHead, writeMetric } from "./write-protobuf.ts";
import { familyHead, sampleText } from "./write-text.ts";

/**
 * One metric of a family: a float or a native histogram. A histogram with custom bounds is written as a classic one.
 */
interface WrittenMetric {
  /** Labels as name, value, name, value … in the printed order. */
  readonly labels: readonly string[];
  readonly timestampMs: number;
  readonly value: number;
  readonly histogram?: FloatHistogram | undefined;
}

/** Writes families metric by metric in the given order, so that not all of them need be in memory. */
export interface FamilyWriter {
  /** Whether the format supports native histograms. */
  readonly histograms: boolean;
  /** Ends the previous family and begins the next. */
  begin(name: string, type: MetricType): void;
  add(metric: WrittenMetric): void;
  end(): void;
  /**
   * Number of written bytes that take() returns. A format with a length before each family returns the bytes of a
   * family only after its end.
   */
  readonly length: number;
  /** Number of all bytes that the writer holds in memory. */
  readonly held: number;
  take(): Uint8Array;
}

/** Returns a writer of text 0.0.4 or of delimited protobuf. */
export const openFamilyWriter = (format: "text" | "protobuf", escaping: EscapingScheme): FamilyWriter =>
  format === "protobuf" ? new ProtobufFamilies(escaping) : new TextFamilies(escaping);

const escapedNames = (labels: readonly string[], escaping: EscapingScheme): readonly string[] =>
  escaping === "allow-utf-8" ? labels : labels.map((text, i) => (i % 2 === 0 ? escaped(text, escaping) : text));

class TextFamilies implements FamilyWriter {
  readonly histograms = false;
  readonly #escaping: EscapingScheme;
  #name = "";
  #text = "";

  constructor(escaping: EscapingScheme) {
    this.#escaping = escaping;
  }

  get length(): number {
    return this.#text.length;
  }

  get held(): number {
    return this.#text.length;
  }

  begin(name: string, type: MetricType): void {
    this.#name = escaped(name, this.#escaping);
    this.#text += familyHead({ name: this.#name, help: undefined, type, samples: [] });
  }

  add({ labels, timestampMs, value, histogram }: WrittenMetric): void {
    const names = escapedNames(labels, this.#escaping);
    const line = (suffix: string, number: number, more: readonly string[] = []): void => {
      this.#text += sampleText(this.#name, { suffix, labels: [...names, ...more], value: number, timestampMs });
    };
    if (histogram === undefined) return line("", value);
    const buckets = cumulativeBuckets(histogram);
    for (const { bound, count } of buckets) line("_bucket", count, ["le", formatFloat(bound)]);
    if (buckets.at(-1)?.bound !== Infinity) line("_bucket", histogram.count, ["le", "+Inf"]);
    line("_sum", histogram.sum);
    line("_count", histogram.count);
  }

  end(): void {}

  take(): Uint8Array {
    const bytes = Buffer.from(this.#text);
    this.#text = "";
    return bytes;
  }
}

class ProtobufFamilies implements FamilyWriter {
  readonly histograms = true;
  readonly #escaping: EscapingScheme;
  #family = new WireWriter(64 * 1024);
  #type: MetricType = "unknown";
  #done: Uint8Array[] = [];
  length = 0;

  constructor(escaping: EscapingScheme) {
    this.#escaping = escaping;
  }

  get held(): number {
    return this.length + this.#family.length;
  }

  begin(name: string, type: MetricType): void {
    this.end();
    this.#type = type;
    writeFamilyHead(this.#family, { name: escaped(name, this.#escaping), help: undefined, type });
  }

  add({ labels, timestampMs, value, histogram }: WrittenMetric): void {
    const names = escapedNames(labels, this.#escaping);
    if (histogram !== undefined && usesCustomBuckets(histogram))
      return writeClassicMetric(this.#family, { labels: names, timestampMs }, histogram);
    const samples = [{ suffix: "", labels: names, value, timestampMs, histogram }];
    writeMetric(this.#family, { labels: names, timestampMs, samples }, this.#type);
  }

  end(): void {
    const family = this.#family.written;
    if (family.length === 0) return;
    const head = new WireWriter(16);
    head.varint(family.length);
    this.#done.push(head.written.slice(), family.slice());
    this.length += head.length + family.length;
    this.#family = new WireWriter(64 * 1024);
  }

  take(): Uint8Array {
    const bytes = Buffer.concat(this.#done);
    this.#done = [];
    this.length = 0;
    return bytes;
  }
}
