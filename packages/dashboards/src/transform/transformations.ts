import { calculateField } from "./calculate-field.ts";
import { concatenate } from "./concatenate.ts";
import { configFromData } from "./config-from-data.ts";
import { convertFieldType } from "./convert-field-type.ts";
import { convertFrameType } from "./convert-frame-type.ts";
import { extractFields } from "./extract-fields.ts";
import { filterByValue } from "./filter-by-value.ts";
import { filterFieldsByMatcher, filterFieldsByName } from "./filter-fields.ts";
import { filterByRefId, filterFramesByMatcher } from "./filter-frames.ts";
import { formatString } from "./format-string.ts";
import { formatTimes } from "./format-time.ts";
import { groupBy } from "./group-by.ts";
import { groupToNestedTable } from "./group-to-nested-table.ts";
import { groupingToMatrix } from "./grouping-to-matrix.ts";
import { heatmap } from "./heatmap.ts";
import { histogram } from "./histogram.ts";
import { ensureColumns, joinByField } from "./join-by-field.ts";
import { joinByLabels } from "./join-by-labels.ts";
import { labelsToFields } from "./labels-to-fields.ts";
import { limit } from "./limit.ts";
import { merge } from "./merge.ts";
import { orderFields, organize, renameFields } from "./organize.ts";
import { partitionByValues } from "./partition-by-values.ts";
import { prepareTimeSeries } from "./prepare-time-series.ts";
import { reduce } from "./reduce.ts";
import { regression } from "./regression.ts";
import { renameByRegex } from "./rename-by-regex.ts";
import { rowsToFields } from "./rows-to-fields.ts";
import { seriesToRows } from "./series-to-rows.ts";
import { smoothing } from "./smoothing.ts";
import { sortBy } from "./sort-by.ts";
import { timeSeriesTable } from "./time-series-table.ts";
import type { TransformationKind } from "./transformation.ts";
import { transposeRows } from "./transpose.ts";
import { fieldLookup, noop, spatial } from "./unsupported.ts";

/**
 * All transformations. To add one: (1) create a file that exports its TransformationKind; (2) add a line here; (3) add
 * a test, with golden results if Grafana has the transformation.
 */
export const transformations: readonly TransformationKind[] = [
  calculateField,
  concatenate,
  configFromData,
  convertFieldType,
  convertFrameType,
  ensureColumns,
  extractFields,
  fieldLookup,
  filterByRefId,
  filterByValue,
  filterFieldsByMatcher,
  filterFieldsByName,
  filterFramesByMatcher,
  formatString,
  formatTimes,
  groupBy,
  groupToNestedTable,
  groupingToMatrix,
  heatmap,
  histogram,
  joinByField,
  joinByLabels,
  labelsToFields,
  limit,
  merge,
  noop,
  orderFields,
  organize,
  partitionByValues,
  prepareTimeSeries,
  reduce,
  regression,
  renameByRegex,
  renameFields,
  rowsToFields,
  seriesToRows,
  smoothing,
  sortBy,
  spatial,
  timeSeriesTable,
  transposeRows,
];

const byId = new Map(
  transformations.flatMap((kind) => [kind.id, ...(kind.aliases ?? [])].map((id) => [id, kind] as const)),
);

/** Returns the transformation with an id, or with this alias from old dashboards. */
export const findTransformation = (id: string): TransformationKind | undefined => byId.get(id);
