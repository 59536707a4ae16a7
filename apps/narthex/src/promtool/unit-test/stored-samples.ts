import { compareLabels, formatPlain, formatHistogram, isStaleAt, Matcher, METRIC_NAME } from "@narthex/model";
import { type Queryable, SampleColumns } from "@narthex/storage";

/** Returns all samples after `fromMs`, up to and including `toMs`, as the original prints a matrix. */
export async function storedSamplesText(queryable: Queryable, fromMs: number, toMs: number): Promise<string> {
  const querier = queryable.querier(fromMs + 1, toMs);
  try {
    const set = await querier.select([new Matcher("!=", METRIC_NAME, "")], { start: fromMs + 1, end: toMs });
    const order = [...set.labels.keys()].sort((a, b) => compareLabels(set.labels[a]!, set.labels[b]!));
    const columns = new SampleColumns();
    const lines: string[] = [];
    for (const index of order) {
      columns.reset();
      set.read(index, fromMs + 1, toMs, columns);
      const samples: string[] = [];
      for (let i = 0; i < columns.count; i++) {
        if (isStaleAt(columns.valueWords, i)) continue;
        const histogram = columns.histograms?.[i];
        const value = histogram === undefined ? formatPlain(columns.values[i]!) : formatHistogram(histogram);
        samples.push(`${value} @[${columns.timestamps[i]!}]`);
      }
      if (samples.length > 0) lines.push(`${set.labels[index]!.toString()} =>`, ...samples);
    }
    return lines.join("\n");
  } finally {
    querier.close();
  }
}
