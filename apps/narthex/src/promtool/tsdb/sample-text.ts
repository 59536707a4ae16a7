import { type FloatHistogram, formatFloat, formatHistogram, type Labels, METRIC_NAME, quote } from "@narthex/model";
import type { SampleColumns } from "@narthex/storage";

/** Prints one series and its samples, line by line. */
export type SeriesPrinter = (labels: Labels, samples: SampleColumns, print: (line: string) => void) => void;

type Kind = "float" | "float histogram" | "integer histogram";

/** Kinds of samples in the order in which promtool reads them. */
const PEER_ORDER: readonly Kind[] = ["float", "float histogram", "integer histogram"];

/** Prints each sample as `{a="b"} 1 1700000000000`. */
export const printEverySample: SeriesPrinter = (labels, samples, print) => {
  const text = labels.toString();
  for (let i = 0; i < samples.count; i++) print(sampleLine(text, samples, i));
};

/**
 * Prints the lines that promtool 3.5 to 3.14 prints. That program reads consecutive floats, then float histograms, then
 * integer histograms, and drops the sample that ends each run. Therefore a series of float histograms lacks its first
 * sample, and a series of integer histograms its first two.
 */
export const printAsPromtool: SeriesPrinter = (labels, samples, print) => {
  const text = labels.toString();
  let i = 0;
  for (const kind of PEER_ORDER) {
    for (; i < samples.count && kindOf(samples, i) === kind; i++) print(sampleLine(text, samples, i));
    i++;
  }
};

/** Prints the floats before the first histogram in OpenMetrics form: `m{a="b"} 1 1700000000.000`. */
export const printOpenMetrics: SeriesPrinter = (labels, samples, print) => {
  const pairs = [...labels].filter(([name]) => name !== METRIC_NAME).map(([name, value]) => `${name}=${quote(value)}`);
  const text = `${labels.get(METRIC_NAME)}{${pairs.join(",")}}`;
  for (let i = 0; i < samples.count && kindOf(samples, i) === "float"; i++) {
    print(`${text} ${formatFloat(samples.values[i]!)} ${(samples.timestamps[i]! / 1000).toFixed(3)}\n`);
  }
};

/** Prints the labels as JSON, `{"__name__":"up"}`, also for a series without samples. */
export const printJsonLabels: SeriesPrinter = (labels, _, print) => print(`${JSON.stringify(labels.toRecord())}\n`);

function kindOf({ histograms }: SampleColumns, i: number): Kind {
  const histogram = histograms?.[i];
  if (histogram === undefined) return "float";
  return histogram.integer === true ? "integer histogram" : "float histogram";
}

function sampleLine(series: string, { timestamps, values, histograms }: SampleColumns, i: number): string {
  const histogram = histograms?.[i];
  const value = histogram === undefined ? formatFloat(values[i]!) : histogramText(histogram);
  return `${series} ${value} ${timestamps[i]!}\n`;
}

const histogramText = (histogram: FloatHistogram): string =>
  formatHistogram(histogram, histogram.integer === true ? String : formatFloat);
