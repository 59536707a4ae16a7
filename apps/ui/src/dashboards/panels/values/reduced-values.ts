import {
  compileFieldMatcher,
  type DisplayValue,
  type EarlierFrames,
  type Field,
  fieldDisplay,
  type FieldRange,
  findColorMode,
  type Frame,
  joinFormatted,
  type NumericField,
  type Panel,
  reduceField,
  timeFieldOf,
  valueAt,
} from "@narthex/dashboards";
import type { FieldView } from "../../panel/field-view.ts";
import { differenceText } from "../../plot/difference-text.ts";
import { UniqueKeys } from "../../../format/unique-keys.ts";
import { atPath } from "../option-table.ts";
import type { LinkPlace } from "../panel-kind.ts";
import type { ReduceOptions } from "./options.ts";
import { nameWithCalc } from "./value-names.ts";

/** The values over time behind one that is shown. */
export interface Spark {
  readonly field: NumericField;
  /** Epoch ms. */
  readonly times: NumericField;
}

/** What a value was in the period that the panel is compared with. */
export interface EarlierValue {
  readonly numeric: number;
  /** With its unit and its time: `12 req/s 1 day earlier`. */
  readonly text: string;
  /** How far the value lies from it: `+5 req/s, +33.3%`. */
  readonly difference: string;
}

/** A value that a panel shows. */
export interface ReducedValue {
  /** What tells it from others of the panel, the same from refresh to refresh. */
  readonly key: string;
  readonly name: string;
  readonly display: DisplayValue;
  readonly field: Field;
  readonly frame: Frame;
  /** The row it stands in; absent where it was made of all. */
  readonly row?: number;
  /** The reducer that made it; absent of rows. */
  readonly calc?: string;
  readonly range: FieldRange;
  /** From the first value to the last as a share of the first; absent where nobody asked. */
  readonly change?: number;
  readonly earlier?: EarlierValue;
  readonly spark?: Spark;
  /** The colour for another number of the field. */
  readonly colorOf: (value: number) => string;
  /** Another number of the field as text. */
  readonly textOf: (value: number) => string;
}

/** Where the links of a value stand: one that was made of all rows is its own, one of a row stands in it. */
export const linkValueOf = ({ field, frame, row, display }: ReducedValue): LinkPlace =>
  row === undefined ? { field, frame, reduced: display } : { field, frame, row };

/** What values are shown by. */
export interface ReductionContext {
  readonly viewOf: (field: Field, frame: Frame) => FieldView;
  readonly scheme: "light" | "dark";
  /** An IANA name. */
  readonly zone: string;
  readonly withSparks?: boolean;
  readonly withChange?: boolean;
  /** What the panel showed in the period that it is compared with. */
  readonly earlier?: EarlierFrames | undefined;
}

/** What is shown, and how many there would be more. */
export interface ReducedValues {
  readonly values: readonly ReducedValue[];
  readonly left: number;
}

/** Rows that are shown where no limit is set. */
const USUAL_LIMIT = 25;
/** A page does not bear more at a time, and nobody reads them. */
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

/** The values of a panel: those that reducers make of each field, or every row's, as they are shown. */
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

/** What the reducers make of the field that a column was in the earlier period. */
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
    const isByPlace = mode.by === "series" || mode.id === "shades";
    for (let row = 0; row < field.values.length && values.length < most; row++) {
      const name = rowName(column, row, context);
      // Where colours go by the order of series, each row has one of its own.
      const display = isByPlace ? placedDisplay(column, name, values.length, context) : view.display;
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

const placedDisplay = ({ field, view }: Column, name: string, place: number, { scheme, zone }: ReductionContext) =>
  fieldDisplay(field, { theme: scheme, timeZone: zone, seriesIndex: place, seriesName: name, range: view.range });

const withinLimit = (values: readonly ReducedValue[], all: number): ReducedValues => ({
  values: values.slice(0, MAX_VALUES),
  left: Math.max(0, all - MAX_VALUES),
});

/** What a row is called: its texts, and the column where there are several of numbers. */
function rowName({ field, frame, view }: Column, row: number, { viewOf }: ReductionContext): string {
  const { displayName } = field.config;
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

/** What a panel says in place of values. */
export function textOfNothing({ fieldConfig }: Panel): string {
  const { noValue } = fieldConfig.defaults;
  return typeof noValue === "string" && noValue !== "" ? noValue : "No data";
}

/** Where a number stands between the ends of its range, 0 to 1; 0 of what is no number. */
export function shareOf(value: number, { min, max }: FieldRange): number {
  const share = (value - min) / (max - min);
  if (Number.isNaN(share)) return 0;
  return Math.min(1, Math.max(0, share));
}

/** Whether a panel names a value of which there is but one: only a name that somebody gave says something. */
export const hasGivenName = ({ field }: ReducedValue): boolean =>
  field.config.displayName !== undefined && field.config.displayName !== "";
