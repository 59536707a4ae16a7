import { wordsOf } from "@narthex/model";
import { type Appendable, createSampleBatch, OUTCOME_OK } from "@narthex/storage";
import type { WrittenSeries } from "./remote-write.ts";

/** Appends series in one transaction, in the order of a remote write request; every sample must be accepted. */
export async function appendSeries(storage: Appendable, series: readonly WrittenSeries[]): Promise<void> {
  const app = storage.appender();
  for (const { labels, timestamps, values, histograms, exemplars = [] } of series) {
    const ref = app.series(labels);
    const outcomes = histograms.map((histogram, i) => app.appendHistogram(ref, timestamps[i]!, histogram));
    const batch = createSampleBatch(values.length);
    batch.refs.fill(ref);
    if (histograms.length === 0) batch.timestamps.set(timestamps);
    wordsOf(batch.values).set(wordsOf(values));
    batch.count = values.length;
    app.append(batch);
    outcomes.push(...batch.outcomes, ...exemplars.map((exemplar) => app.appendExemplar(ref, exemplar)));
    if (outcomes.some((outcome) => outcome !== OUTCOME_OK)) throw new Error(`${String(labels)}: ${outcomes.join("")}`);
  }
  await app.commit();
}
