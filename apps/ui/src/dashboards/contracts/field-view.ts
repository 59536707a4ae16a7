import type { Displayer, FieldRange } from "@narthex/dashboards";

/** Functions that return how a field and its values are displayed, in the panel's theme and time zone. */
export interface FieldView {
  /** Name in legends and tooltips. */
  readonly name: string;
  /** A CSS colour. */
  readonly color: string;
  readonly range: FieldRange;
  /** Returns the display of a value: its text, its colour, and its position in the range. */
  readonly display: Displayer;
  /** Returns the text of a value with its unit. `decimals` is the number of decimals, for example on an axis. */
  readonly text: (value: number | null, decimals?: number) => string;
  /** Returns the CSS colour of a value. Thresholds and mappings may determine it. */
  readonly colorOf: (value: number | null) => string;
}
