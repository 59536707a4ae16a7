import { type Labels, METRIC_NAME } from "@narthex/model";

/** Labels that describe a metric. The labels are dropped together with its name. */
export const METADATA = [METRIC_NAME, "__type__", "__unit__"];

export const isMetadataLabel = (name: string): boolean => name.startsWith("__") && METADATA.includes(name);

/** Returns a label set without name, type and unit. */
export const withoutMetadata = (labels: Labels): Labels => labels.filter((name) => !isMetadataLabel(name));
