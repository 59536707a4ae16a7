import type { SampleColumns } from "@narthex/storage";

/** Removes the samples that `isDropped` accepts from columns, from index `first` on. */
export function dropSamples(columns: SampleColumns, isDropped: (slot: number) => boolean, first = 0): void {
  const { timestamps, valueWords: words, histograms, startTimestamps, count } = columns;
  let kept = first;
  for (let i = first; i < count; i++) {
    if (isDropped(i)) continue;
    timestamps[kept] = timestamps[i]!;
    words[kept * 2] = words[i * 2]!;
    words[kept * 2 + 1] = words[i * 2 + 1]!;
    if (histograms !== undefined) histograms[kept] = histograms[i];
    if (startTimestamps !== undefined) startTimestamps[kept] = startTimestamps[i]!;
    kept++;
  }
  columns.truncate(kept);
}
