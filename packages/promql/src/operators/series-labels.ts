import { Labels, METRIC_NAME } from "@narthex/model";
import type { Evaluation } from "../evaluation.ts";
import type { OutputSeries } from "./operator.ts";

/** The labels that say what a metric is; they go together with its name. */
export const isMetadataLabel = (name: string): boolean =>
  name === METRIC_NAME || name === "__type__" || name === "__unit__";

/** A label set without name, type and unit. */
export const withoutMetadata = (labels: Labels): Labels => labels.filter((name) => !isMetadataLabel(name));

/** A series whose name an operator drops: now, or at the end of the query. */
export const dropName = (series: OutputSeries, evaluation: Evaluation): OutputSeries =>
  evaluation.features.delayedNameRemoval
    ? { labels: series.labels, dropName: true }
    : { labels: withoutMetadata(series.labels), dropName: true };

export const NAMELESS: OutputSeries = { labels: Labels.EMPTY, dropName: false };
