export type { Column } from "./column.ts";
export { DurationError, formatDuration, formatGoDuration, parseDuration, parseGoDuration } from "./duration.ts";
export { goJson } from "./go-json.ts";
export { type Grid, gridEnd, instantGrid, rangeGrid } from "./grid.ts";
export { type CounterResetHint, CUSTOM_BUCKETS_SCHEMA, type FloatHistogram, type Span } from "./histogram/histogram.ts";
export {
  allBuckets,
  exponentialBound,
  forEachBucket,
  formatHistogram,
  fractionBelow,
  type HistogramBucket,
  usesCustomBuckets,
} from "./histogram/histogram-buckets.ts";
export { EMPTY_HISTOGRAM, HistogramBuilder, IncompatibleSchemaError } from "./histogram/histogram-builder.ts";
export { detectReset, equalHistograms } from "./histogram/histogram-reset.ts";
export { atStoredResolution, reduceSchema } from "./histogram/reduce-schema.ts";
export { trimHistogram } from "./histogram/histogram-trim.ts";
export { splitHostPort } from "./host-port.ts";
export { LabelBytes } from "./labels/label-bytes.ts";
export { compareLabels, formatLabels, Labels, METRIC_NAME } from "./labels/labels.ts";
export { LabelsBuilder } from "./labels/labels-builder.ts";
export { type MatchType, Matcher, matchesAll } from "./labels/matcher.ts";
export {
  isLabelName,
  isLegacyLabelName,
  isLegacyMetricName,
  isMetricName,
  type NameValidation,
} from "./labels/metric-name.ts";
export {
  formatExponent,
  formatFloat,
  formatOpenMetricsFloat,
  formatFixed,
  formatPlain,
  formatSampleValue,
  isDecimal,
  parseGoFloat,
} from "./number-format.ts";
export { literalPattern } from "./pattern/literal-pattern.ts";
export {
  type CapturingPattern,
  compileCapturing,
  compileLinePattern,
  compilePattern,
  needsEngine,
  expandTemplate,
  type Pattern,
  PatternError,
} from "./pattern/pattern.ts";
export { relabel, type RelabelRule, relabelSteps } from "./relabel/relabel.ts";
export { goLower, goUpper } from "./relabel/go-case.ts";
export { Relabeling } from "./relabel/relabeling.ts";
export { isStaleAt, NORMAL_NAN, STALE_HIGH, STALE_LOW, wordsOf, writeStale } from "./stale.ts";
export { compareBytewise, GO_SPACE, quote, trimLetters, trimTrailing } from "./strings.ts";
export { histogramProblem } from "./histogram/histogram-problem.ts";
