import { reducers } from "@narthex/dashboards";
import { choice, list, number, type OptionTable, text, toggle } from "../../../contracts/option-table.ts";

const field = (path: string, name: string, description?: string) =>
  text(path, name, "", { input: "field", ...(description === undefined ? {} : { description }) });

const is =
  (name: string, value: unknown) =>
  (options: Readonly<Record<string, unknown>>): boolean =>
    options[name] === value;

const rowReducers = Object.fromEntries(reducers.map(({ id, name }) => [id, name]));

const cumulative = { sum: "Total", mean: "Mean" };
const moving = { mean: "Mean", variance: "Variance", stdDev: "StdDev" };
const unary = {
  abs: "Absolute value",
  exp: "e to its power",
  ln: "Natural logarithm",
  round: "Rounded",
  floor: "Floor",
  ceil: "Ceil",
};
const empties = { null: "Null", true: "True", false: "False", zero: "Zero", empty: "Empty" };

/** Option tables by transformation id. To describe the options of another transformation, add a table here. */
export const optionForms: Readonly<Record<string, OptionTable>> = {
  reduce: {
    mode: choice("mode", "Mode", { seriesToRows: "Series to rows", reduceFields: "Reduce fields" }, "seriesToRows"),
    reducers: list("reducers", "Calculations", "reducers", ["max"]),
    includeTime: toggle("includeTimeField", "Include time", false, { isShown: is("mode", "reduceFields") }),
    labelsToFields: toggle("labelsToFields", "Labels to fields", false, { isShown: is("mode", "seriesToRows") }),
  },
  merge: {},
  seriesToRows: {},
  noop: {},
  ensureColumns: {},
  limit: { limit: number("limitField", "Limit", 10, { integer: true, description: "Negative: the last rows" }) },
  joinByField: {
    mode: choice(
      "mode",
      "Mode",
      { outer: "Outer (time series)", outerTabular: "Outer (tabular)", inner: "Inner" },
      "outer",
    ),
    byField: field("byField", "Field", "Empty: the time"),
  },
  joinByLabels: {
    value: text("value", "Value", "", { description: "The label whose values become columns" }),
    join: list("join", "Join", "text", [], { description: "Labels that distinguish rows; empty: all other labels" }),
  },
  renameByRegex: {
    regex: text("regex", "Match", "(.*)"),
    renamePattern: text("renamePattern", "Replace", "$1"),
  },
  labelsToFields: {
    mode: choice("mode", "Mode", { columns: "Columns", rows: "Rows" }, "columns"),
    keepLabels: list("keepLabels", "Labels", "text", [], { description: "Empty: all labels" }),
    valueLabel: text("valueLabel", "Value field name", "", {
      description: "The label whose values name the columns of values",
      isShown: is("mode", "columns"),
    }),
  },
  prepareTimeSeries: {
    format: choice(
      "format",
      "Format",
      { wide: "Wide time series", multi: "Multi-frame time series", long: "Long time series" },
      "wide",
    ),
  },
  histogram: {
    bucketCount: number("bucketCount", "Bucket count", undefined, { min: 1, integer: true }),
    bucketSize: number("bucketSize", "Bucket size", undefined, { min: 0 }),
    bucketOffset: number("bucketOffset", "Bucket offset", 0),
    combine: toggle("combine", "Combine series", false),
  },
  heatmap: {
    xMode: choice("xBuckets.mode", "X bucket", { size: "Size", count: "Count" }, "size"),
    xValue: text("xBuckets.value", "X value"),
    yMode: choice("yBuckets.mode", "Y bucket", { size: "Size", count: "Count" }, "size"),
    yValue: text("yBuckets.value", "Y value"),
    yScale: choice("yBuckets.scale.type", "Y scale", { linear: "Linear", log: "Logarithmic" }, "linear"),
    keepOriginal: toggle("keepOriginalData", "Keep original data", false),
  },
  concatenate: {
    mode: choice(
      "frameNameMode",
      "Name",
      {
        field: "Copy frame name to field name",
        label: "Add a label with the frame name",
        drop: "Ignore the frame name",
      },
      "field",
    ),
    label: text("frameNameLabel", "Label", "frame", { isShown: is("mode", "label") }),
  },
  partitionByValues: {
    fields: list("fields", "Fields", "fields"),
    keepFields: toggle("keepFields", "Keep fields", false),
    asLabels: toggle("naming.asLabels", "Values as labels", true),
  },
  groupingToMatrix: {
    column: field("columnField", "Column"),
    row: field("rowField", "Row"),
    value: field("valueField", "Cell value"),
    empty: choice("emptyValue", "Empty value", empties, "empty"),
  },
  formatString: {
    field: field("stringField", "Field"),
    format: choice(
      "outputFormat",
      "Format",
      {
        "Upper Case": "Upper case",
        "Lower Case": "Lower case",
        "Sentence Case": "Sentence case",
        "Title Case": "Title case",
        "Pascal Case": "Pascal case",
        "Camel Case": "Camel case",
        "Snake Case": "Snake case",
        "Kebab Case": "Kebab case",
        Trim: "Trim",
        Substring: "Substring",
      },
      "Upper Case",
    ),
    from: number("substringStart", "From", 0, { min: 0, integer: true, isShown: is("format", "Substring") }),
    to: number("substringEnd", "To", undefined, { min: 0, integer: true, isShown: is("format", "Substring") }),
  },
  formatTime: {
    field: field("timeField", "Time field"),
    format: text("outputFormat", "Format", "", { description: "As YYYY-MM-DD HH:mm" }),
    zone: text("timezone", "Time zone", "", { description: "An IANA name; empty: the dashboard's time zone" }),
  },
  convertFrameType: {
    type: choice("targetType", "Type", { exemplar: "Exemplar" }, "exemplar"),
  },
  extractFields: {
    source: field("source", "Source"),
    format: choice(
      "format",
      "Format",
      { auto: "Auto", json: "JSON", kvp: "Key + value pairs", delimiter: "Split by delimiter", regexp: "RegExp" },
      "auto",
    ),
    delimiter: text("delimiter", "Delimiter", ",", { isShown: is("format", "delimiter") }),
    regExp: text("regExp", "RegExp", "", {
      description: "With named groups: /(?<name>.+)/",
      isShown: is("format", "regexp"),
    }),
    replace: toggle("replace", "Replace all fields", false),
    keepTime: toggle("keepTime", "Keep time", false, { isShown: is("replace", true) }),
  },
  regression: {
    x: field("xFieldName", "X field"),
    y: field("yFieldName", "Y field"),
    model: choice("modelType", "Model type", { linear: "Linear", polynomial: "Polynomial" }, "linear"),
    degree: number("degree", "Degree", 2, { min: 1, max: 10, integer: true, isShown: is("model", "polynomial") }),
    count: number("predictionCount", "Predicted points", 100, { min: 1, integer: true }),
  },
  smoothing: { resolution: number("resolution", "Resolution", 100, { min: 2, integer: true }) },
  transpose: {
    first: text("firstFieldName", "First field name"),
    rest: text("restFieldsName", "Remaining fields name"),
  },
  calculateField: {
    mode: choice(
      "mode",
      "Mode",
      {
        reduceRow: "Reduce row",
        binary: "Binary operation",
        unary: "Unary operation",
        cumulativeFunctions: "Cumulative functions",
        windowFunctions: "Window functions",
        index: "Row index",
      },
      "reduceRow",
    ),
    reducer: choice("reduce.reducer", "Calculation", rowReducers, "sum", { isShown: is("mode", "reduceRow") }),
    include: list("reduce.include", "Fields", "fields", [], {
      description: "Empty: all number fields",
      isShown: is("mode", "reduceRow"),
    }),
    unaryOperator: choice("unary.operator", "Operation", unary, "abs", { isShown: is("mode", "unary") }),
    unaryField: text("unary.fieldName", "Field", "", { input: "field", isShown: is("mode", "unary") }),
    cumulative: choice("cumulative.reducer", "Calculation", cumulative, "sum", {
      isShown: is("mode", "cumulativeFunctions"),
    }),
    cumulativeField: text("cumulative.field", "Field", "", {
      input: "field",
      isShown: is("mode", "cumulativeFunctions"),
    }),
    window: choice("window.reducer", "Calculation", moving, "mean", { isShown: is("mode", "windowFunctions") }),
    windowField: text("window.field", "Field", "", { input: "field", isShown: is("mode", "windowFunctions") }),
    windowMode: choice(
      "window.windowSizeMode",
      "Window size mode",
      { percentage: "Percentage", fixed: "Fixed" },
      "percentage",
      {
        isShown: is("mode", "windowFunctions"),
      },
    ),
    windowSize: number("window.windowSize", "Window size", 0.1, { min: 0, isShown: is("mode", "windowFunctions") }),
    windowAlignment: choice(
      "window.windowAlignment",
      "Alignment",
      { trailing: "Trailing", centered: "Centered" },
      "trailing",
      {
        isShown: is("mode", "windowFunctions"),
      },
    ),
    asPercentile: toggle("index.asPercentile", "As percentile", false, { isShown: is("mode", "index") }),
    alias: text("alias", "Alias"),
    replace: toggle("replaceFields", "Replace all fields", false),
  },
};
