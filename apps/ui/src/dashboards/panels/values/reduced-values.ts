import {
  compileFieldMatcher,
  type DisplayValue,
  type EarlierFrames,
  type Field,
  fieldDisplay,
  type FieldRange,
  findColorMode,
  type Frame,
  interpolate,
  joinFormatted,
  type NumericField,
  type Panel,
  reduceField,
  timeFieldOf,
  valueAt,
  valueLookup,
} from "@narthex/dashboards";
import type { FieldView } from "../../contracts/field-view.ts";
import { differenceText } from "../../plot/difference-text.ts";
import { UniqueKeys } from "../../../format/unique-keys.ts";
import { atPath } from "../../contracts/option-table.ts";
import type { LinkedValue } from "../../contracts/panel-kind.ts";
import type { ReduceOptions } from "./options.ts";
import { nameWithCalc } from "./value-names.ts";

/** The samples from which a value was reduced, for the value's sparkline. */
interface Spark {
  readonly field: NumericField;
  /** Times of the samples, epoch ms. */
  readonly times: NumericField;
}

/** The value in the comparison period, and its difference from the current value. */
interface EarlierValue {
  readonly numeric: number;
  /** The earlier value as text: `12 req/s 1 day earlier`. */
  readonly text: string;
  /** Difference between the current value and the earlier one: `+5 req/s, +33.3%`. */
  readonly difference: string;
}

/** A value to show: a reduced field, or a single row. */
export interface ReducedValue {
  /** Unique key of the value, which stays the same at each refresh. */
  readonly key: string;
  readonly name: string;
  readonly display: DisplayValue;
  readonly field: Field;
  readonly frame: Frame;
  /** Row of the value; undefined if it was reduced from all rows. */
  readonly row?: number;
  /** Name of the reducer. Undefined for the value of a single row. */
  readonly calc?: string;
  readonly range: FieldRange;
  /** Relative change from the first value to the last; undefined if it was not requested. */
  readonly change?: number;
  readonly earlier?: EarlierValue;
  readonly spark?: Spark;
  /** Returns the colour that another number would have in this field. */
  readonly colorOf: (value: number) => string;
  /** Formats any number with this field's settings. */
  readonly textOf: (value: number) => string;
}

/** Returns the data from which the links of a value are filled: the reduced value, or the row of the value. */
export const linkValueOf = ({ field, frame, row, display }: ReducedValue): LinkedValue =>
  row === undefined ? { field, frame, reduced: display } : { field, frame, row };

export interface ReductionContext {
  readonly viewOf: (field: Field, frame: Frame) => FieldView;
  readonly scheme: "light" | "dark";
  /** IANA name of the time zone. */
  readonly zone: string;
  readonly withSparks?: boolean;
  readonly withChange?: boolean;
  readonly earlier?: EarlierFrames | undefined;
}

/** The values to show, and the number of values beyond the limit. */
export interface ReducedValues {
  readonly values: readonly ReducedValue[];
  readonly left: number;
}

/** Default maximum number of rows that are shown as values. */
const USUAL_LIMIT = 25;
/** Maximum number of values. A page with more values would be slow and not readable. */
const MAX_VALUES = 500;

interface Column {
  readonly field: Field;
  readonly frame: Frame;
  readonly view: FieldView;
}

function chosenColumns(frames: readonly Frame[], expression: string, { viewOf }: ReductionContext): Column[] {
  const isChosen = expression === "" ? undefined : compileFieldMatcher({ id: "byRegexp", options: expression }, frames);
  return frames.flatMap((frame) =>
    frame.fields.flatMap((field): Column[] => {
      if (atPath(field.config.custom, "hideFrom.viz") === true) return [];
      if (!(isChosen === undefined ? field.type === "number" : isChosen(field, frame))) return [];
      return [{ field, frame, view: viewOf(field, frame) }];
    }),
  );
}

/** Returns the values of a panel: each field reduced by each reducer, or the values of every row. */
export function reducedValues(
  frames: readonly Frame[],
  options: ReduceOptions,
  context: ReductionContext,
): ReducedValues {
  const columns = chosenColumns(frames, options.fields, context);
  return options.showsRows
    ? valuesOfRows(columns, options.limit ?? 0, context)
    : valuesOfFields(columns, options.calcs.length === 0 ? ["last"] : options.calcs, context);
}

const shownBy = ({ range, display }: Pick<FieldView, "range" | "display">) => ({
  range,
  colorOf: (value: number) => display(value).color,
  textOf: (value: number) => joinFormatted(display(value)),
});

function valuesOfFields(
  columns: readonly Column[],
  calcs: readonly string[],
  context: ReductionContext,
): ReducedValues {
  const keys = new UniqueKeys();
  const kept = columns.slice(0, Math.ceil(MAX_VALUES / calcs.length));
  const values = kept.flatMap((column): ReducedValue[] => {
    const { field, frame, view } = column;
    const { name, display } = view;
    const results = reduceField(field, context.withChange === true ? [...calcs, "diffperc"] : calcs);
    const change = results.get("diffperc");
    const earlierOf = earlierValues(column, calcs, context.earlier);
    const spark = context.withSparks === true ? sparkOf(field, frame) : undefined;
    return calcs.map((calc) => ({
      ...earlierOf(calc, results.get(calc)),
      key: keys.next(`${name} ${calc}`),
      name: nameWithCalc(field, name, calc),
      display: display(results.get(calc) ?? null),
      field,
      frame,
      calc,
      ...(frame.length === 1 ? { row: 0 } : {}),
      ...(context.withChange === true && typeof change === "number" ? { change: change / 100 } : {}),
      ...(spark === undefined ? {} : { spark }),
      ...shownBy(view),
    }));
  });
  return withinLimit(values, columns.length * calcs.length);
}

/**
 * Returns a function for the value of a column in the earlier time range. The value is reduced with the same reducer as
 * the current value.
 */
function earlierValues(
  { field, view }: Column,
  calcs: readonly string[],
  earlier: EarlierFrames | undefined,
): (calc: string, now: unknown) => { readonly earlier?: EarlierValue } {
  const then = earlier?.earlierOf.get(field)?.field;
  if (earlier === undefined || then === undefined) return () => ({});
  const results = reduceField(then, calcs);
  return (calc, now) => {
    const numeric = results.get(calc);
    if (typeof now !== "number" || typeof numeric !== "number" || !Number.isFinite(numeric)) return {};
    const text = `${joinFormatted(view.display(numeric))} ${earlier.words}`;
    return { earlier: { numeric, text, difference: differenceText(now, numeric, field.config) } };
  };
}

function valuesOfRows(columns: readonly Column[], limit: number, context: ReductionContext): ReducedValues {
  const keys = new UniqueKeys();
  const most = Math.min(MAX_VALUES, limit > 0 ? limit : USUAL_LIMIT);
  const values: ReducedValue[] = [];
  for (const column of columns) {
    const { field, frame, view } = column;
    const mode = findColorMode(field.config.color?.mode);
    const isByIndex = mode.by === "series" || mode.id === "shades";
    for (let row = 0; row < field.values.length && values.length < most; row++) {
      const name = rowName(column, row, context);
      // Colours that are assigned in the order of series give each row a different colour.
      const display = isByIndex ? displayAtIndex(column, name, values.length, context) : view.display;
      values.push({
        key: keys.next(name),
        name,
        display: display(valueAt(field, row)),
        field,
        frame,
        row,
        ...shownBy({ range: view.range, display }),
      });
    }
  }
  return { values, left: 0 };
}

const displayAtIndex = ({ field, view }: Column, name: string, index: number, { scheme, zone }: ReductionContext) =>
  fieldDisplay(field, { theme: scheme, timeZone: zone, seriesIndex: index, seriesName: name, range: view.range });

const withinLimit = (values: readonly ReducedValue[], all: number): ReducedValues => ({
  values: values.slice(0, MAX_VALUES),
  left: Math.max(0, all - MAX_VALUES),
});

/**
 * Returns the name of a row: the texts in the row. The column's name is added if the frame has several number columns.
 * A display name may contain variables of the row, such as `${__data.fields.city}` or the older `${__cell_0}`.
 */
function rowName({ field, frame, view }: Column, row: number, { viewOf }: ReductionContext): string {
  const { displayName } = field.config;
  if (displayName?.includes("$") === true) {
    const displayOf = (other: Field): FieldView["display"] => viewOf(other, frame).display;
    return interpolate(
      displayName,
      valueLookup({ frame, field, row, displayOf }, () => undefined),
    );
  }
  if (displayName !== undefined && displayName !== "") return displayName;
  const others = frame.fields.filter((other) => other !== field);
  const texts = others
    .filter(({ type }) => type === "string")
    .map((other) => viewOf(other, frame).display(valueAt(other, row)).text)
    .filter((text) => text !== "");
  const isOne = others.every(({ type }) => type !== "number");
  return isOne && texts.length > 0 ? texts.join(" ") : [...texts, view.name].join(" ");
}

function sparkOf(field: Field, frame: Frame): Spark | undefined {
  const times = timeFieldOf(frame);
  return field.type === "number" && times !== undefined && field.values.length > 1 ? { field, times } : undefined;
}

export function textOfNothing({ fieldConfig }: Panel): string {
  const { noValue } = fieldConfig.defaults;
  return typeof noValue === "string" && noValue !== "" ? noValue : "No data";
}

/** Returns the position of a number in a value range, 0 to 1. Returns 0 for NaN. */
export function shareOf(value: number, { min, max }: FieldRange): number {
  const share = (value - min) / (max - min);
  if (Number.isNaN(share)) return 0;
  return Math.min(1, Math.max(0, share));
}

/**
 * Reports whether a value has an explicit display name. Without one, a panel with a single value does not show the
 * name.
 */
export const hasGivenName = ({ field }: ReducedValue): boolean =>
  field.config.displayName !== undefined && field.config.displayName !== "";
