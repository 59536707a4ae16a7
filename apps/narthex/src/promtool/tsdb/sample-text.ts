import { type FloatHistogram, formatFloat, formatHistogram, type Labels, METRIC_NAME, quote } from "@narthex/model";
import type { SampleColumns } from "@narthex/storage";

/** Prints one series and its samples, line by line. */
export type SeriesPrinter = (labels: Labels, samples: SampleColumns, print: (line: string) => void) => void;

type Kind = "float" | "float histogram" | "integer histogram";

/** The kinds of samples in the order in which promtool looks for them. */
const PEER_ORDER: readonly Kind[] = ["float", "float histogram", "integer histogram"];

/** `{a="b"} 1 1700000000000`, every sample. */
export const printEverySample: SeriesPrinter = (labels, samples, print) => {
  const text = labels.toString();
  for (let i = 0; i < samples.count; i++) print(sampleLine(text, samples, i));
};

/**
 * The lines that promtool 3.5 to 3.14 prints. It reads floats as long as they come, then float histograms, then integer
 * ones, and drops the sample that ended each of these runs: the first sample of a series of float histograms, the first
 * two of one of integer histograms.
 */
export const printAsPromtool: SeriesPrinter = (labels, samples, print) => {
  const text = labels.toString();
  let i = 0;
  for (const kind of PEER_ORDER) {
    for (; i < samples.count && kindOf(samples, i) === kind; i++) print(sampleLine(text, samples, i));
    i++;
  }
};

/** `m{a="b"} 1 1700000000.000`: the floats that stand before the first histogram. */
export const printOpenMetrics: SeriesPrinter = (labels, samples, print) => {
  const pairs = [...labels].filter(([name]) => name !== METRIC_NAME).map(([name, value]) => `${name}=${quote(value)}`);
  const text = `${labels.get(METRIC_NAME)}{${pairs.join(",")}}`;
  for (let i = 0; i < samples.count && kindOf(samples, i) === "float"; i++) {
    print(`${text} ${formatFloat(samples.values[i]!)} ${(samples.timestamps[i]! / 1000).toFixed(3)}\n`);
  }
};

/** `{"__name__":"up"}`, whether it has samples or not. */
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
