export { FieldNames, frameName, labelsText } from "./display/field-name.ts";
export { applyFieldConfig, type NameInterpolation } from "./field/apply-field-config.ts";
export { compileFieldMatcher, type FieldTest } from "./field/field-matcher.ts";
export { compileFrameMatcher, type FrameTest } from "./field/frame-matcher.ts";
export { compileValueMatcher, type ValueTest } from "./field/value-matcher.ts";
export { type TransformContext, transformFrames } from "./transform/transform-frames.ts";
export { findTransformation, transformations } from "./transform/transformations.ts";
export { heatmap as heatmapTransformation } from "./transform/heatmap.ts";
export { histogram as histogramTransformation } from "./transform/histogram.ts";
export { runTransformation } from "./transform/run-transformation.ts";
export { TransformationError, type TransformationKind } from "./transform/transformation.ts";
export { type AlignedTimes, alignTimes, multiToWide } from "./frame/align-times.ts";
export {
  type ColumnHead,
  columnOf,
  numericColumn,
  pickRows,
  sliceRows,
  stackColumns,
  withFields,
} from "./frame/column.ts";
export type { FrameAnswer } from "./frame/frame-answer.ts";
export { FRAMES_MEDIA_TYPE, readFrames, writeFrames } from "./frame/frame-bytes.ts";
export { FrameFormatError } from "./frame/frame-format-error.ts";
export {
  type AnswersJson,
  answersToJson,
  type FrameJson,
  FrameCells,
  frameFromJson,
  frameToJson,
} from "./frame/frame-json.ts";
export { sliceFrame } from "./frame/frame-window.ts";
export {
  ANSWER_TAG_LENGTH,
  PANEL_ANSWERS_MEDIA_TYPE,
  PANEL_QUESTIONS_MEDIA_TYPE,
  type PanelAnswer,
  PanelAnswerReader,
  writePanelAnswer,
} from "./frame/panel-answers.ts";
export { wideToLong } from "./frame/long-wide.ts";
export { sortByTime, sortRows } from "./frame/sort-frame.ts";
export {
  type BooleanField,
  type Field,
  type FieldType,
  type Frame,
  type FrameField,
  type FrameMeta,
  type FrameType,
  isNumeric,
  type JsonField,
  type Labels,
  type Notice,
  type NumericField,
  type StringField,
  timeFieldOf,
  valueAt,
} from "./frame/frame.ts";
export type {
  AnnotationQuery,
  Dashboard,
  DashboardLink,
  DataSourceRef,
  GridPosition,
  Panel,
  Target,
  Transformation,
  Variable,
  VariableOption,
  VariableType,
} from "./model/dashboard.ts";
export { changeQueries, type ChangeQuery } from "./changes/change-queries.ts";
export { groupCourse, type GroupCourse } from "./changes/group-course.ts";
export { type GroupChange, rankChanges, type RankedChanges } from "./changes/rank-changes.ts";
export { type ComparedSeries, compareSeries, coursesOf } from "./changes/series-change.ts";
export { compareDashboards, describeDifference, type Difference } from "./compare/compare-dashboards.ts";
export { comparedFrame } from "./earlier/compared-frame.ts";
export { withPresent, type EarlierFrames, type FieldPlace } from "./earlier/earlier-frames.ts";
export {
  earlierPeriod,
  type EarlierPeriod,
  earlierWords,
  isEarlierPeriod,
  PREVIOUS_PERIOD,
} from "./earlier/earlier-period.ts";
export { relativeDifference } from "./earlier/relative-difference.ts";
export { flatPanels } from "./model/flat-panels.ts";
export { generateDashboard, type GenerateOptions } from "./generate/generate-dashboard.ts";
export { metricFamilies, type MetricFamily, type MetricMetadata, type MetricSeries } from "./generate/metric-family.ts";
export { exportDashboard, type ExportedBy } from "./import/export-dashboard.ts";
export { importDashboard, type ImportedDashboard } from "./import/import-dashboard.ts";
export { type DashboardInput, inputsOf } from "./import/inputs.ts";
export { compact } from "./layout/compact.ts";
export { addItem, moveItem, resizeItem } from "./layout/edit.ts";
export { NARROW_WIDTH_PX, stackPanels } from "./layout/narrow.ts";
export { CELL_GAP_PX, CELL_HEIGHT_PX, heightOf, type PixelRect, rectOf, VisibleItems } from "./layout/pixels.ts";
export {
  bottomOf,
  GRID_COLUMNS,
  type GridItem,
  inReadingOrder,
  panelKey,
  type PlacedPanel,
  type ScopedVariables,
} from "./layout/placed-panel.ts";
export { printedPages, type PrintedPanel } from "./layout/printed-pages.ts";
export { repeatPanels, type RepeatValues } from "./layout/repeat.ts";
export {
  collapseRow,
  collapseRows,
  expandRow,
  expandRows,
  panelsJson,
  placedAt,
  type Section,
  sectionsOf,
} from "./layout/rows.ts";
export { dashboardSlug } from "./links/dashboard-address.ts";
export { linkAddress, type ResolvedLink, resolveLink } from "./links/dashboard-link.ts";
export { dataLinksOf, type ResolvedDataLink, resolveDataLink } from "./links/data-link.ts";
export { dashboardLookup, type LinkContext, variableParameters, verbatim } from "./links/link-context.ts";
export { safeAddress, withParameters } from "./links/safe-address.ts";
export { type ValuePlace, valueLookup } from "./links/value-lookup.ts";
export type { KnownSource } from "./migrate/migration.ts";
export type { Change, Problem } from "./model/findings.ts";
export { isSameJson } from "./model/json.ts";
export { type PanelKind, type PanelKindId, panelKindOf, panelKinds } from "./model/panel-kinds.ts";
export { isObject } from "./model/json.ts";
export { valueAtPath } from "./model/json.ts";
export { type Edit, patchDashboard, patchPanel, pathOfPanel } from "./model/patch.ts";
export {
  NEWEST_SCHEMA,
  readDashboard,
  type ReadDashboard,
  type ReadOptions,
  readPanelSource,
  readSource,
} from "./model/read-dashboard.ts";
export type {
  DataLink,
  FieldColor,
  FieldConfig,
  FieldConfigSource,
  FieldOverride,
  JsonObject,
  MappingResult,
  Matcher,
  ThresholdStep,
  Thresholds,
  ValueMapping,
} from "./model/field-config.ts";
export { reducedType, type Reducer, reducers, findReducer } from "./reduce/reducers.ts";
export { reduceField, reduceTo } from "./reduce/reduce-field.ts";
export type { NullValueMode } from "./reduce/null-value.ts";
export { type CalendarSettings, isDateMath, parseDateMath } from "./time/date-math.ts";
export { formatTime, timeFormats } from "./time/format-time.ts";
export { calculateInterval, formatInterval, parseInterval, rateInterval, roundInterval } from "./time/interval.ts";
export { describeRange, type QuickRange, quickRanges } from "./time/quick-ranges.ts";
export {
  panelTimeRange,
  rangeFromUrl,
  type RawTimeRange,
  resolveTimeRange,
  type ResolvedTimeRange,
  shiftRange,
  zoomOut,
} from "./time/time-range.ts";
export { browserTimeZone, type CivilTime, civilTime, epochOf, offsetAt, resolveTimeZone } from "./time/time-zone.ts";
export { dashboardNames, rangeNames, unknownVisit, type Visit } from "./variables/built-in-names.ts";
export {
  type AdhocFilter,
  adhocFilters,
  adhocOperators,
  adhocOption,
  isAppliedByHand,
  readAdhocFilter,
} from "./variables/adhoc-filter.ts";
export { promqlFormat } from "./variables/promql-format.ts";
export { type Formatter, formatValues, type PlacedFormat } from "./variables/variable-format.ts";
export {
  type BoundVariable,
  interpolate,
  interpolateJson,
  type Lookup,
  variableNamesIn,
  variablesIn,
  type VariableUse,
} from "./variables/variable-syntax.ts";
export { compileExpression, compileUserPattern, type PatternMatch, type UserPattern } from "./pattern/user-pattern.ts";
export { autoDecimals, fixedText } from "./units/decimals.ts";
export {
  type FormatContext,
  type FormattedValue,
  joinFormatted,
  type ValueFormatter,
} from "./units/formatted-value.ts";
export { describeRelative } from "./units/relative-time.ts";
export { type ColorMode, colorModes, findColorMode } from "./display/color/color-mode.ts";
export { type ColorScale } from "./display/color/color-scale.ts";
export { type HeatColors, heatPalette, type HeatScheme, heatSchemes } from "./display/color/heat-schemes.ts";
export { contrastRatio, hexOf, parseColor, type Rgb } from "./display/color/css-color.ts";
export {
  type ColorTheme,
  cssColor,
  FALLBACK_COLOR,
  type Hue,
  paletteHues,
  rgbOf,
} from "./display/color/named-colors.ts";
export { type DisplayContext, type DisplayValue, type Displayer, fieldDisplay } from "./display/display-value.ts";
export { type ColorContext, fieldColor, type ScaledValue, valueScale } from "./display/field-color.ts";
export { type FieldRange, FieldRanges, ownRange } from "./display/field-range.ts";
export { activeStep, stepOf } from "./display/threshold.ts";
export { type Mapper, valueMapper } from "./display/value-mapping.ts";
export {
  formatValue,
  isBinaryUnit,
  isBooleanUnit,
  isDateUnit,
  unitForm,
  unitFormatter,
} from "./units/unit-formatter.ts";
export { unitCategories, type UnitCategory, type UnitForm, type UnitLine } from "./units/unit-table.ts";
export type { OfferedSource } from "./variables/offered-options.ts";
export { lookupIn } from "./variables/variable-lookup.ts";
export {
  type FilledVariables,
  type FillRequest,
  type OptionsQuery,
  savedVariables,
  VariableSet,
} from "./variables/variable-set.ts";
export { filterOptions, jsonOptions, listedOptions, sortOptions } from "./variables/variable-options.ts";
export { dependenciesOf, orderVariables, type VariableOrder } from "./variables/variable-order.ts";
export {
  ALL_OPTION,
  ALL_VALUE,
  bindVariable,
  clearedSelection,
  isAll,
  isSameSelection,
  reconcileSelection,
  selectionFromUrl,
  selectionToUrl,
  takesOthers,
  type VariableState,
} from "./variables/variable-selection.ts";
