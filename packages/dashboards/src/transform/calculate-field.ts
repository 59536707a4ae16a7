import { FieldNames } from "../display/field-name.ts";
import { compileFieldMatcher } from "../field/field-matcher.ts";
import { asNumbers, columnOf, numericColumn } from "../frame/column.ts";
import { type Field, type Frame, isNumeric, type NumericField, timeFieldOf } from "../frame/frame.ts";
import { reduceField } from "../reduce/reduce-field.ts";
import { findReducer } from "../reduce/reducers.ts";
import { ensureOneFrame } from "./join-by-field.ts";
import { movingWindow } from "./moving-window.ts";
import type { Options } from "./options.ts";
import { TransformationError, type TransformationKind, type TransformRun } from "./transformation.ts";

/** Numbers of a column in a calculation. `nulls` marks the rows without a value. */
interface Numbers {
  readonly values: Float64Array;
  readonly nulls?: Uint8Array | undefined;
}

/** Returns the numbers of a column for calculations: null becomes 0, and a cell that a join left empty becomes NaN. */
function calculable(field: Field): Numbers {
  const { values, nulls } = asNumbers(field);
  // A text that is not a number stays null.
  if (nulls === undefined || (!isNumeric(field) && field.type !== "boolean")) return { values, nulls };
  return { values: values.map((value, row) => (nulls[row] !== 1 ? value : field.absent?.[row] === 1 ? NaN : 0)) };
}

/**
 * Function that computes the new column of a frame. Returns undefined if the frame lacks a column that the calculation
 * needs.
 */
type Create = (frame: Frame, names: FieldNames) => Numbers | undefined;

const binaryOperators: Readonly<Record<string, (a: number, b: number) => number>> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
};

const unaryOperators: Readonly<Record<string, (value: number) => number>> = {
  abs: Math.abs,
  exp: Math.exp,
  ln: Math.log,
  round: Math.round,
  floor: Math.floor,
  ceil: Math.ceil,
};

const named = (frame: Frame, names: FieldNames, name: string): Field | undefined =>
  frame.fields.find((field) => names.nameOf(field, frame) === name);

/** Returns the numeric column with a name. Without a name, returns the first numeric column. */
function sourceField(frame: Frame, names: FieldNames, name: string | undefined): NumericField | undefined {
  if (name === undefined) return frame.fields.find((field): field is NumericField => field.type === "number");
  const isWanted = compileFieldMatcher({ id: "byNames", options: { names: [name] } }, [frame], names)!;
  const field = frame.fields.find((one) => isWanted(one, frame));
  return field === undefined ? undefined : asNumbers(field);
}

function reduceRow(options: Options, frames: readonly Frame[], allNames: FieldNames): Create {
  const reduce = options.part("reduce");
  const id = reduce.text("reducer") ?? "sum";
  if (findReducer(id) === undefined) throw new TransformationError(`"${id}" is not the name of a calculation`);
  const include = reduce.texts("include");
  const matcher = include.length === 0 ? { id: "numeric" } : { id: "byNames", options: { names: include } };
  const isIncluded = compileFieldMatcher(matcher, frames, allNames)!;
  const nullMode = reduce.text("nullValueMode");
  const mode = nullMode === "connected" || nullMode === "null as zero" ? nullMode : "null";
  return (frame) => {
    const columns = frame.fields.filter((field) => isIncluded(field, frame)).map(asNumbers);
    const values = new Float64Array(columns.length);
    const nulls = new Uint8Array(columns.length);
    const row: NumericField = { name: "", type: "number", config: {}, values, nulls };
    const results = Array.from({ length: frame.length }, (_, i) => {
      for (let j = 0; j < columns.length; j++) {
        values[j] = columns[j]!.values[i]!;
        nulls[j] = columns[j]!.nulls?.[i] ?? 0;
      }
      return reduceField(row, [id], mode).get(id);
    });
    return columnOf({ name: "" }, "number", results) as NumericField;
  };
}

function cumulative(options: Options): Create {
  const part = options.part("cumulative");
  const reducer = part.text("reducer") ?? "sum";
  if (reducer !== "sum" && reducer !== "mean") {
    throw new TransformationError(`"${reducer}" cannot be cumulative: use sum or mean`);
  }
  return (frame, names) => {
    const field = sourceField(frame, names, part.text("field"));
    if (field === undefined) return undefined;
    let total = 0;
    const values = field.values.map((value, row) => {
      if (field.nulls?.[row] !== 1) total += value;
      return reducer === "sum" ? total : total / (row + 1);
    });
    return { values };
  };
}

function moving(options: Options): Create {
  const part = options.part("window");
  const reducer = part.text("reducer") ?? "mean";
  if (reducer !== "mean" && reducer !== "stdDev" && reducer !== "variance") {
    throw new TransformationError(`"${reducer}" cannot be computed over a window: use mean, stdDev or variance`);
  }
  const size = part.number("windowSize") ?? 0.1;
  if (size <= 0) throw new TransformationError("the size of a window must be above 0");
  const isFixed = part.text("windowSizeMode") === "fixed";
  const isCentered = part.text("windowAlignment") === "centered";
  return (frame, names) => {
    const field = sourceField(frame, names, part.text("field"));
    if (field === undefined) return undefined;
    const rows = Math.ceil(size * (isFixed ? 1 : frame.length));
    return { values: movingWindow(field.values, field.nulls, reducer, rows, isCentered) };
  };
}

function unary(options: Options): Create {
  const part = options.part("unary");
  const operator = part.text("operator") ?? "abs";
  const name = part.text("fieldName");
  return (frame, names) => {
    const field = name === undefined ? undefined : named(frame, names, name);
    if (field?.type !== "number" || field.values.length === 0) return undefined;
    const { values } = calculable(field);
    if (operator === "percent") {
      const total = values.reduce((sum, value) => (Number.isFinite(value) ? sum + value : sum), 0);
      return { values: values.map((value) => value / (total || 1)) };
    }
    if (!Object.hasOwn(unaryOperators, operator)) return undefined;
    const operate = unaryOperators[operator]!;
    return { values: values.map((value) => operate(value)) };
  };
}

/** An operand of a binary operation: a column by name or matcher, or a fixed number. */
interface Operand {
  readonly name?: string;
  readonly fixed?: number;
  /** For the left operand: a type of columns. The operation is then applied to each column of this type. */
  readonly type?: string;
  readonly text: string;
}

function operandOf(options: Options, key: string, frames: readonly Frame[]): Operand {
  const text = options.text(key);
  if (text !== undefined) {
    const isName = Number.isNaN(Number(text)) || frames.some(({ fields }) => fields.some(({ name }) => name === text));
    return isName ? { name: text, text } : { fixed: Number(text), text };
  }
  const part = options.part(key);
  const matcher = part.matcher("matcher");
  if (matcher?.id === "byType") return { type: String(matcher.options), text: String(matcher.options) };
  if (matcher !== undefined && typeof matcher.options === "string") {
    const fixed = Number.parseFloat(matcher.options);
    return { name: matcher.options, text: matcher.options, ...(Number.isNaN(fixed) ? {} : { fixed }) };
  }
  const fixed = part.number("fixed");
  return fixed === undefined ? { text: "" } : { fixed, text: part.text("fixed") ?? String(fixed) };
}

function valuesOf(operand: Operand, frame: Frame, names: FieldNames): Numbers | undefined {
  const field = operand.name === undefined ? undefined : named(frame, names, operand.name);
  if (field !== undefined) return calculable(field);
  return operand.fixed === undefined ? undefined : { values: new Float64Array(frame.length).fill(operand.fixed) };
}

/** Applies an operator to each row of two columns. The result is null if an operand is null. */
function operate(left: Numbers, right: Numbers, operator: (a: number, b: number) => number): Numbers {
  const values = left.values.map((value, row) => operator(value, right.values[row]!));
  if (left.nulls === undefined || right.nulls === undefined) return { values, nulls: left.nulls ?? right.nulls };
  const { nulls } = right;
  return { values, nulls: left.nulls.map((byte, row) => byte | nulls[row]!) };
}

interface Binary {
  readonly left: Operand;
  readonly right: Operand;
  readonly sign: string;
  readonly operator: ((a: number, b: number) => number) | undefined;
}

function binaryOf(options: Options, frames: readonly Frame[]): Binary {
  const part = options.part("binary");
  const sign = part.text("operator") ?? "+";
  const operator = Object.hasOwn(binaryOperators, sign) ? binaryOperators[sign] : undefined;
  return { left: operandOf(part, "left", frames), right: operandOf(part, "right", frames), sign, operator };
}

const binary =
  ({ left, right, operator }: Binary): Create =>
  (frame, names) => {
    const [a, b] = [valuesOf(left, frame, names), valuesOf(right, frame, names)];
    return a === undefined || b === undefined || operator === undefined ? undefined : operate(a, b, operator);
  };

/**
 * Adds a new column for each column of a type. With `replaceFields`, only the new columns and the time column stay. If
 * `timeSeries` is false, `replaceFields` removes the time column too.
 */
function ofEachField(
  frames: readonly Frame[],
  options: Options,
  { left, right, sign, operator }: Binary,
  run: TransformRun,
): Frame[] {
  const names = new FieldNames(frames);
  const isReplaced = options.flag("replaceFields");
  return frames.flatMap((frame): Frame[] => {
    const b = valuesOf(right, frame, names);
    const time = options.flagOr("timeSeries", true) ? timeFieldOf(frame) : undefined;
    const fields = frame.fields.flatMap((field): Field[] => {
      const kept = isReplaced && field !== time ? [] : [field];
      if (field.type !== left.type || b === undefined || operator === undefined) return kept;
      run.claim(frame.length, 1);
      const { values, nulls } = operate(calculable(field), b, operator);
      return [
        ...kept,
        numericColumn({ ...field, name: `${field.name} ${sign} ${right.text}` }, "number", values, nulls),
      ];
    });
    return isReplaced && !fields.some((field) => field !== time) ? [] : [{ ...frame, fields }];
  });
}

function rowNumbers(frames: readonly Frame[], options: Options, run: TransformRun): Frame[] {
  const asShare = options.part("index").flag("asPercentile");
  return frames.map((frame) => {
    run.claim(frame.length, 1);
    const values = Float64Array.from({ length: frame.length }, (_, row) => (asShare ? row / frame.length : row));
    const head = { name: options.text("alias") ?? "Row", config: asShare ? { unit: "percentunit" } : {} };
    const field = numericColumn(head, "number", values);
    return { ...frame, fields: options.flag("replaceFields") ? [field] : [...frame.fields, field] };
  });
}

/** Returns the default name of the new column, if the user has not set a name. */
function defaultName(options: Options, mode: string, operation: Binary | undefined): string {
  const of = (name: string | undefined): string => (name === undefined ? "" : `(${name})`);
  const [total, window, one] = [options.part("cumulative"), options.part("window"), options.part("unary")];
  switch (mode) {
    case "cumulativeFunctions":
      return `cumulative ${total.text("reducer") ?? ""}${of(total.text("field"))}`;
    case "windowFunctions":
      return `${window.text("windowAlignment") ?? ""} moving ${window.text("reducer") ?? ""}${of(window.text("field"))}`;
    case "unary":
      return `${one.text("operator") ?? ""}${of(one.text("fieldName"))}`;
    case "binary": {
      const { left, right, sign } = operation!;
      const isPlain = left.text !== "" && right.text !== "" && !`${left.text}${right.text}`.includes("$");
      return isPlain ? `${left.text} ${sign} ${right.text}` : "";
    }
    case "reduceRow":
      return findReducer(options.part("reduce").text("reducer") ?? "")?.name ?? "math";
    default:
      return "math";
  }
}

const creators: Readonly<Record<string, (options: Options, frames: readonly Frame[], names: FieldNames) => Create>> = {
  reduceRow,
  cumulativeFunctions: cumulative,
  windowFunctions: moving,
  unary,
};

export const calculateField: TransformationKind = {
  id: "calculateField",
  name: "Add field from calculation",
  description: "Calculate a new column from the columns of each row",
  defaultOptions: { mode: "reduceRow", reduce: { reducer: "sum" } },
  apply: (all, options, run) => {
    const mode = options.text("mode") ?? "reduceRow";
    const isFixed = mode === "binary" && operandOf(options.part("binary"), "right", []).name === undefined;
    const frames = options.flagOr("timeSeries", true) && !isFixed ? ensureOneFrame(all, run) : all;
    if (mode === "index") return rowNumbers(frames, options, run);
    const operation = mode === "binary" ? binaryOf(options, frames) : undefined;
    if (operation?.left.type !== undefined) return ofEachField(frames, options, operation, run);
    const names = new FieldNames(frames);
    if (operation === undefined && !Object.hasOwn(creators, mode)) return frames;
    const create = operation === undefined ? creators[mode]!(options, frames, names) : binary(operation);
    const alias = options.text("alias");
    const head = {
      name: alias ?? defaultName(options, mode, operation),
      config: alias === undefined ? {} : { displayName: alias },
    };
    return frames.flatMap((frame): Frame[] => {
      run.claim(frame.length, 1);
      const created = create(frame, names);
      if (created === undefined) return options.flag("replaceFields") ? [] : [frame];
      const field = numericColumn(head, "number", created.values, created.nulls);
      if (!options.flag("replaceFields")) return [{ ...frame, fields: [...frame.fields, field] }];
      const time = options.flagOr("timeSeries", true) ? timeFieldOf(frame) : undefined;
      return [{ ...frame, fields: time === undefined ? [field] : [time, field] }];
    });
  },
};
