import fc from "fast-check";
import { columnOf } from "../frame/column.ts";
import type { Field, Frame } from "../frame/frame.ts";

/** Generates JSON values. The conversion through text removes -0, which JSON cannot represent. */
const jsonValue = fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.parse(JSON.stringify(value)) as unknown);

/** Generates texts for keys and values, including names of inherited object properties. */
const text = fc.oneof(fc.constantFrom("__proto__", "constructor", "toString", "Value", "Time", "a", ""), fc.string());

const labels = fc.option(
  fc.array(fc.tuple(text, text), { maxLength: 3 }).map((pairs) => Object.fromEntries(pairs) as Record<string, string>),
  { nil: undefined },
);

const config = fc.constantFrom({}, { unit: "s", decimals: 2 }, { displayNameFromDS: "x", custom: { lineWidth: 3 } });

const valueOf = {
  number: fc.option(fc.double()),
  time: fc.option(fc.integer({ min: -1e13, max: 1e13 })),
  string: fc.option(text),
  boolean: fc.option(fc.boolean()),
  json: fc.option(jsonValue),
};

function columnArbitrary(length: number): fc.Arbitrary<Field> {
  return fc
    .constantFrom("number", "time", "string", "boolean", "json")
    .chain((type) =>
      fc
        .tuple(
          text,
          labels,
          config,
          fc.array(valueOf[type] as fc.Arbitrary<unknown>, { minLength: length, maxLength: length }),
        )
        .map(([name, labels, config, values]) => columnOf({ name, labels, config }, type, values)),
    );
}

/** Generates frames with columns of any type except nested frames. */
export const frameArbitrary: fc.Arbitrary<Frame> = fc.integer({ min: 0, max: 6 }).chain((length) =>
  fc.record({
    refId: fc.constantFrom("A", "B"),
    fields: fc.array(columnArbitrary(length), { minLength: 1, maxLength: 5 }),
    length: fc.constant(length),
  }),
);

/** Returns the values of a frame's columns by column name, as plain arrays. */
export const plain = (frame: Frame): unknown[] =>
  frame.fields.map((field) => [
    field.name,
    field.type,
    ...Array.from(field.values as ArrayLike<unknown>, (value, row) =>
      (field as { nulls?: Uint8Array }).nulls?.[row] === 1 ? null : value,
    ),
  ]);

/** Builds a column of numbers, or of times. */
export const numbers = (name: string, values: readonly unknown[], head: Partial<Field> = {}): Field =>
  columnOf(
    { name, labels: head.labels, ...(head.config === undefined ? {} : { config: head.config }) },
    "number",
    values,
  );

export const times = (values: readonly unknown[], name = "Time"): Field => columnOf({ name }, "time", values);

export const strings = (name: string, values: readonly unknown[]): Field => columnOf({ name }, "string", values);

/** Builds a frame from columns of equal length. */
export const table = (fields: readonly Field[], rest: Partial<Frame> = {}): Frame => ({
  ...rest,
  length: fields[0]?.values.length ?? 0,
  fields,
});
