export {
  type Appendable,
  type Appender,
  type AppendOptions,
  createSampleBatch,
  type Exemplar,
  type MetricMetadata,
  MAX_LABEL_BYTES,
  NO_SERIES,
  type SampleBatch,
  type SeriesRef,
} from "./appender.ts";
export {
  OUTCOME_DUPLICATE,
  OUTCOME_FULL,
  OUTCOME_INVALID_EXEMPLAR,
  OUTCOME_INVALID_HISTOGRAM,
  OUTCOME_OK,
  OUTCOME_OUT_OF_BOUNDS,
  OUTCOME_OUT_OF_ORDER,
  OUTCOME_TOO_OLD,
  OUTCOME_UNKNOWN_SERIES,
} from "./outcome.ts";
export { refusalText, type RefusedSample } from "./refusal-text.ts";
export { DecodedBytes } from "./decoded-bytes.ts";
export { ChunkRun, EncodedChunks, NO_CHECKSUM } from "./encoded-chunks.ts";
export {
  countOf,
  type Invalidations,
  type LabelHints,
  type LabelSets,
  MAX_FEW_SERIES,
  type Querier,
  type Queryable,
  type SelectHints,
  type SeriesSet,
} from "./queryable.ts";
export { AGGREGATE_COLUMNS, SampleAggregates } from "./sample-aggregates.ts";
export { SampleColumns } from "./sample-columns.ts";
export {
  checkColumns,
  columnOf,
  type LabelCondition,
  type LabelMatcher,
  type Series,
  type SeriesData,
  type TimeRange,
} from "./series-data.ts";
export { regularStep, SampleSpans } from "./sample-spans.ts";
export { recordedWait, type WaitReason, type WaitRecorder } from "./wait-recorder.ts";
