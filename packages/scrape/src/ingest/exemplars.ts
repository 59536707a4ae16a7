import type { ExposedExemplar } from "@narthex/exposition";
import { compareLabels, Labels } from "@narthex/model";
import { type Appender, type Exemplar, OUTCOME_OUT_OF_ORDER, type SeriesRef } from "@narthex/storage";

/**
 * Appends the exemplars of one sample, sorted by time, value and labels. An exemplar without a time gets the sample's
 * time. Returns the number of exemplars if all were out of order, otherwise 0.
 */
export function appendExemplars(
  appender: Appender,
  ref: SeriesRef,
  exposed: readonly ExposedExemplar[],
  timestamp: number,
): number {
  const exemplars = exposed.map((exemplar) => toExemplar(exemplar, timestamp)).toSorted(compare);
  let outOfOrder = 0;
  for (const exemplar of exemplars) {
    if (appender.appendExemplar(ref, exemplar) === OUTCOME_OUT_OF_ORDER) outOfOrder++;
  }
  return outOfOrder === exemplars.length ? outOfOrder : 0;
}

function toExemplar({ labels, value, timestamp }: ExposedExemplar, fallback: number): Exemplar {
  const pairs: [string, string][] = [];
  for (let i = 0; i < labels.length; i += 2) pairs.push([labels[i]!, labels[i + 1]!]);
  return { labels: Labels.of(pairs), value, timestamp: timestamp ?? fallback, borrowedTime: timestamp === undefined };
}

const compare = (a: Exemplar, b: Exemplar): number =>
  a.timestamp - b.timestamp || a.value - b.value || compareLabels(a.labels, b.labels);
