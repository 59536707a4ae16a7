export { FieldNames, frameName, labelsText } from "./display/field-name.ts";
export { applyFieldConfig } from "./field/apply-field-config.ts";
export { compileFieldMatcher, type FieldTest } from "./field/field-matcher.ts";
export { compileFrameMatcher } from "./field/frame-matcher.ts";
export { transformFrames } from "./transform/transform-frames.ts";
export { findTransformation, transformations } from "./transform/transformations.ts";
export { heatmap as heatmapTransformation } from "./transform/heatmap.ts";
export { histogram as histogramTransformation } from "./transform/histogram.ts";
export { runTransformation } from "./transform/run-transformation.ts";
export { TransformationError } from "./transform/transformation.ts";
export { multiToWide } from "./frame/align-times.ts";
export { columnOf, numericColumn, pickRows, typeOfValues } from "./frame/column.ts";
export type { FrameAnswer } from "./frame/frame-answer.ts";
export { frameBytes, FRAMES_MEDIA_TYPE, readFrames } from "./frame/frame-bytes.ts";
export { answersJsonTexts } from "./frame/write-json.ts";
export { FrameFormatError } from "./frame/frame-format-error.ts";
export {
  answersToJson,
  FrameCells,
  frameFromJson,
  type FrameLimit,
  frameSteps,
  frameToJson,
} from "./frame/frame-json.ts";
export {
  ANSWER_TAG_LENGTH,
  PANEL_ANSWERS_MEDIA_TYPE,
  PANEL_QUESTIONS_MEDIA_TYPE,
  type PanelAnswer,
  panelAnswerHead,
  PanelAnswerReader,
  writePanelAnswer,
} from "./frame/panel-answers.ts";
export {
  type Field,
  type Frame,
  type FrameMeta,
  isNumeric,
  type Labels,
  type Notice,
  type NumericField,
  type QueryStat,
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
  Variable,
  VariableOption,
  VariableType,
} from "./model/dashboard.ts";
export { tickSteps } from "./axes/tick-steps.ts";
export { tickTexts } from "./axes/tick-texts.ts";
export { timeTickFormat } from "./axes/time-tick-format.ts";
export { changeQueries, type ChangeQuery } from "./changes/change-queries.ts";
export { groupCourse, type GroupCourse } from "./changes/group-course.ts";
export { type GroupChange, rankChanges, type RankedChanges } from "./changes/rank-changes.ts";
export { type ComparedSeries, compareSeries, coursesOf } from "./changes/series-change.ts";
export { compareDashboards, describeDifference, type Difference } from "./compare/compare-dashboards.ts";
export { comparedFrame } from "./earlier/compared-frame.ts";
export { withPresent, type EarlierFrames } from "./earlier/earlier-frames.ts";
export { earlierPeriod, type EarlierPeriod } from "./earlier/earlier-period.ts";
export { earlierWords, isEarlierPeriod, PREVIOUS_PERIOD } from "./earlier/earlier-words.ts";
export { relativeDifference } from "./earlier/relative-difference.ts";
export { flatPanels } from "./model/flat-panels.ts";
export { generateDashboard } from "./generate/generate-dashboard.ts";
export { metricFamilies, type MetricFamily, type MetricMetadata, type MetricSeries } from "./generate/metric-family.ts";
export { exportDashboard } from "./import/export-dashboard.ts";
export { importDashboard } from "./import/import-dashboard.ts";
export { type DashboardInput, inputsOf } from "./import/inputs.ts";
export { replaceInputs } from "./import/replace-inputs.ts";
export { usedInputs } from "./import/used-inputs.ts";
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
export { PAPER_AREAS, printedPages } from "./layout/printed-pages.ts";
export { placePanels } from "./layout/place-panels.ts";
export { repeatPanels, type RepeatValues } from "./layout/repeat.ts";
export { collapseRow, collapseRows, expandRow, expandRows, panelsJson, placedAt, sectionsOf } from "./layout/rows.ts";
export { dashboardSlug } from "./links/dashboard-address.ts";
export { linkAddress, resolveLink } from "./links/dashboard-link.ts";
export { dataLinksOf, type ResolvedDataLink } from "./links/data-link.ts";
export { dashboardLookup, type LinkContext, variableParameters, verbatim } from "./links/link-context.ts";
export { safeAddress, withParameters } from "./links/safe-address.ts";
export { type ValuePlace, valueLookup } from "./links/value-lookup.ts";
export type { Change, Problem } from "./model/findings.ts";
export { isSameJson } from "./model/json.ts";
export { type PanelKind, type PanelKindId, panelKindOf, panelKinds } from "./model/panel-kinds.ts";
export { isObject } from "./model/json.ts";
export { valueAtPath } from "./model/json.ts";
export { type Edit, patchDashboard, patchPanel, pathOfPanel } from "./model/patch.ts";
export {
  isResource,
  NEWEST_SCHEMA,
  readDashboard,
  type ReadDashboard,
  readPanelSource,
  readSource,
} from "./model/read-dashboard.ts";
export type {
  DataLink,
  FieldConfig,
  FieldConfigSource,
  JsonObject,
  Matcher,
  ThresholdStep,
  Thresholds,
} from "./model/field-config.ts";
export { reducers, findReducer } from "./reduce/reducers.ts";
export { reduceField, reduceTo } from "./reduce/reduce-field.ts";
export { type CalendarSettings, isDateMath, parseDateMath } from "./time/date-math.ts";
export { formatTime, timeFormats } from "./time/format-time.ts";
export { calculateInterval, formatInterval, parseInterval, rateInterval, roundInterval } from "./time/interval.ts";
export { shiftRange, zoomOut } from "./time/moved-range.ts";
export { describeRange, type QuickRange, quickRanges } from "./time/quick-ranges.ts";
export {
  panelTimeRange,
  rangeFromUrl,
  type RawTimeRange,
  resolveTimeRange,
  type ResolvedTimeRange,
} from "./time/time-range.ts";
export { browserTimeZone, civilTime, epochOf, knownTimeZone, offsetAt, resolveTimeZone } from "./time/time-zone.ts";
export { dashboardNames, rangeNames, unknownVisit, type Visit } from "./variables/built-in-names.ts";
export {
  type AdHocFilter,
  adHocFilters,
  adHocOperators,
  adHocOption,
  isAppliedByHand,
  readAdHocFilter,
} from "./variables/ad-hoc-filter.ts";
export { withReferences } from "./sources/query-references.ts";
export { filledOptionsQuery, filledQuery, isBlankQuery, loadQueryExtras } from "./sources/filled-query.ts";
export {
  type AnnotationField,
  type SourceFeature,
  type SourceKind,
  type SourceSetting,
  type VariableForm,
  unknownSourceKind,
} from "./sources/source-kind.ts";
export type { PanelPlugin, PluginInput } from "./sources/plugin-input.ts";
export { isMetricsQuery, isTraceId } from "./sources/traceql-text.ts";
export { closingParenthesis, splitArguments } from "./variables/call-arguments.ts";
export { influxqlTokens } from "./variables/influxql-tokens.ts";
export { mysqlLiteral, sqlLiteral } from "./variables/sql-literal.ts";
export { promqlFormat } from "./variables/promql-format.ts";
export {
  type BoundVariable,
  interpolate,
  interpolateJson,
  type Lookup,
  variableNamesIn,
  variablesIn,
} from "./variables/variable-syntax.ts";
export { compileExpression } from "./pattern/user-pattern.ts";
export { joinFormatted } from "./units/formatted-value.ts";
export { colorModes, findColorMode } from "./display/color/color-mode.ts";
export { heatPalette, heatSchemes } from "./display/color/heat-schemes.ts";
export { lineColor, type PlotTheme, plotTheme } from "./display/color/plot-colors.ts";
export { contrastRatio, hexOf, parseColor, type Rgb } from "./display/color/css-color.ts";
export { cssColor, paletteHues, rgbOf } from "./display/color/named-colors.ts";
export { type DisplayValue, type Displayer, fieldDisplay } from "./display/display-value.ts";
export { fieldColor } from "./display/field-color.ts";
export { type FieldRange, FieldRanges, ownRange } from "./display/field-range.ts";
export { activeStep } from "./display/threshold.ts";
export { valueMapper } from "./display/value-mapping.ts";
export { formatValue, isBinaryUnit, isDateUnit, unitForm, unitFormatter } from "./units/unit-formatter.ts";
export { unitCategories, type UnitForm } from "./units/unit-table.ts";
export { lookupIn } from "./variables/variable-lookup.ts";
export { type FilledVariables, type OptionsQuery, savedVariables, VariableSet } from "./variables/variable-set.ts";
export { jsonOptions, listedOptions } from "./variables/variable-options.ts";
export {
  ALL_OPTION,
  ALL_VALUE,
  clearedSelection,
  isAll,
  isSameSelection,
  selectionFromUrl,
  takesOthers,
  type VariableState,
} from "./variables/variable-selection.ts";
export { FROZEN_QUERY, isFrozen } from "./queries/frozen-panel.ts";
export {
  findSource,
  hasFeature,
  leastStep,
  type PanelQuery,
  panelStep,
  type PreparedQueries,
  prepareQueries,
  queriedSource,
  type QueryInput,
  type SourceListing,
  sourceRefOf,
} from "./queries/panel-queries.ts";
export {
  isPanelReference,
  isReferenceCycle,
  type PanelReference,
  panelReferencesOf,
} from "./queries/panel-references.ts";
export { type SourceFilters, sourceFilters } from "./queries/source-filters.ts";
export { type DashboardScope, scopeLookup, type VariableStates, withVariables } from "./variables/dashboard-scope.ts";
export { repeatValues, scopedVariables } from "./variables/scoped-variables.ts";
export { withUsualFields } from "./field/usual-fields.ts";
