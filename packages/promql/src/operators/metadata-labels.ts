import { type Labels, METRIC_NAME } from "@narthex/model";

/** Labels that describe a metric: its name, type and unit. All of these are dropped together. */
export const METADATA = [METRIC_NAME, "__type__", "__unit__"];

export const isMetadataLabel = (name: string): boolean => name.startsWith("__") && METADATA.includes(name);

/** Returns a label set without name, type and unit. */
export const withoutMetadata = (labels: Labels): Labels => labels.filter((name) => !isMetadataLabel(name));
