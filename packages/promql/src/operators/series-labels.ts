import { compareBytewise, Labels } from "@narthex/model";
import type { Evaluation } from "../evaluation.ts";
import { mapInSlices } from "./slices.ts";
import { METADATA, withoutMetadata } from "./metadata-labels.ts";
import { namesDropped } from "./stored-series.ts";
import { distinctList, type OutputList, type OutputSeries } from "./operator.ts";

/**
 * Returns a series without its metric name. The name is dropped immediately, or marked to be dropped at the end of the
 * query.
 */
export const dropName = (series: OutputSeries, evaluation: Evaluation): OutputSeries =>
  evaluation.features.delayedNameRemoval
    ? { labels: series.labels, dropName: true }
    : { labels: withoutMetadata(series.labels), dropName: true };

/**
 * Drops the metric names of all series of a list. Keeps the list's mark that all labels differ if all series have the
 * same name, type and unit.
 */
export async function dropNames(list: OutputList, evaluation: Evaluation): Promise<OutputList> {
  if (list.stored !== undefined) return namesDropped(list.stored, evaluation.features.delayedNameRemoval);
  const dropped = await mapInSlices(list, evaluation, (series) => dropName(series, evaluation));
  return distinctList(dropped, list.distinct === true && (evaluation.features.delayedNameRemoval || ofOneMetric(list)));
}

function ofOneMetric(list: OutputList): boolean {
  const first = list[0]?.labels;
  return list.every(({ labels }) => METADATA.every((name) => labels.get(name) === first!.get(name)));
}

/** Returns a label set in which one label has a new value; "" removes the label. */
export function withLabel(labels: Labels, name: string, value: string): Labels {
  const { pairs } = labels;
  let at = 0;
  while (at < pairs.length && compareBytewise(pairs[at]!, name) < 0) at += 2;
  const known = pairs[at] === name ? 2 : 0;
  if (known === 2 && pairs[at + 1] === value) return labels;
  if (known === 0 && value === "") return labels;
  return Labels.fromSortedPairs([
    ...pairs.slice(0, at),
    ...(value === "" ? [] : [name, value]),
    ...pairs.slice(at + known),
  ]);
}

export const NAMELESS: OutputSeries = { labels: Labels.EMPTY, dropName: false };
