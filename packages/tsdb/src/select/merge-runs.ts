import type { SampleColumns } from "@narthex/storage";

/**
 * Merges the two sorted parts [0, middle) and [middle, count) of the same columns by time. If both parts have a sample
 * with the same time, keeps the sample of the first part. A histogram that follows a sample of the other part gets an
 * unknown reset hint. `scratch` is temporary memory.
 */
export function mergeRuns(columns: SampleColumns, middle: number, scratch: SampleColumns): void {
  const { timestamps, count } = columns;
  if (middle === 0 || middle === count) return;
  if (timestamps[middle]! > timestamps[middle - 1]!) {
    forgetReset(columns, middle);
    return;
  }
  scratch.reset();
  scratch.reserve(count);
  let left = 0;
  let right = middle;
  let wasLeft: boolean | undefined;
  while (left < middle || right < count) {
    const leftTime = left < middle ? timestamps[left]! : Infinity;
    const rightTime = right < count ? timestamps[right]! : Infinity;
    const isLeft = leftTime <= rightTime;
    scratch.pushFrom(columns, isLeft ? left : right);
    if (isLeft !== wasLeft && wasLeft !== undefined) forgetReset(scratch, scratch.count - 1);
    wasLeft = isLeft;
    if (isLeft) left++;
    if (rightTime <= leftTime) right++;
  }
  copyColumns(scratch, columns);
}

/**
 * Sets the reset hint of a histogram to "unknown", because the histogram now follows a different sample than in its
 * chunk.
 */
function forgetReset({ histograms }: SampleColumns, slot: number): void {
  const histogram = histograms?.[slot];
  if (histogram === undefined || histogram.resetHint === "gauge" || histogram.resetHint === "unknown") return;
  histograms![slot] = { ...histogram, resetHint: "unknown" };
}

function copyColumns(source: SampleColumns, target: SampleColumns): void {
  target.reset();
  appendColumns(source, target);
}

export function appendColumns(source: SampleColumns, target: SampleColumns): void {
  const { count } = target;
  target.reserve(count + source.count);
  target.timestamps.set(source.timestamps.subarray(0, source.count), count);
  target.valueWords.set(source.valueWords.subarray(0, source.count * 2), count * 2);
  if (source.histograms !== undefined) {
    target.histograms ??= [];
    for (let i = 0; i < source.count; i++) target.histograms[count + i] = source.histograms[i];
  }
  target.count = count + source.count;
  if (source.startTimestamps === undefined) return;
  target.startTimestamps ??= new Float64Array(target.timestamps.length);
  target.startTimestamps.set(source.startTimestamps.subarray(0, source.count), count);
}
