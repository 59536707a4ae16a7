import { choice, grouped, list, number, type OptionsOf, raw, text, toggle } from "../../contracts/option-table.ts";

/** Regular expression that selects the columns to show. Default: all number columns. */
const fields = text("reduceOptions.fields", "Fields", "", {
  input: "field",
  description: "Empty: number fields. Otherwise a regular expression for field names, such as /.*/ for all",
});

/** Options of panel types that reduce a field to one or a few values. */
export const reduceOptions = grouped("Value options", {
  showsRows: toggle("reduceOptions.values", "Show all values", false, {
    description: "One value for each row instead of one for each field",
  }),
  limit: number("reduceOptions.limit", "Limit", undefined, {
    min: 0,
    integer: true,
    isShown: ({ showsRows }) => showsRows === true,
  }),
  calcs: list("reduceOptions.calcs", "Calculation", "reducers", ["lastNotNull"], {
    isShown: ({ showsRows }) => showsRows !== true,
  }),
  fields,
  orientation: choice(
    "orientation",
    "Orientation",
    { auto: "Auto", horizontal: "Horizontal", vertical: "Vertical" },
    "auto",
    { description: "Horizontal: one below the other; vertical: side by side" },
  ),
});
export type ReduceOptions = OptionsOf<typeof reduceOptions>;

/** Font sizes of titles and values, pixels. By default they are as large as possible. */
export const textSizeOptions = grouped("Text size", {
  titleSize: number("text.titleSize", "Title", undefined, { min: 1, max: 500 }),
  valueSize: number("text.valueSize", "Value", undefined, { min: 1, max: 500 }),
});

/** Returns an option that accepts positive numbers. Any other JSON value is replaced by the default. */
export const positive = (path: string, initial: number | undefined) =>
  raw<number | undefined>(
    path,
    (value) => (typeof value === "number" && Number.isFinite(value) && value > 0 ? value : undefined),
    initial,
  );
