import type { Displayer, FieldRange } from "@narthex/dashboards";

/** How a field and its values look in the panel's theme and time zone. */
export interface FieldView {
  /** As legends and tooltips call it. */
  readonly name: string;
  /** A CSS colour. */
  readonly color: string;
  readonly range: FieldRange;
  /** A value with its parts, colour, and place in the range. */
  readonly display: Displayer;
  /** A value with its unit; with so many decimals, as on an axis. */
  readonly text: (value: number | null, decimals?: number) => string;
  /** The colour of a value, which thresholds or mappings may set. */
  readonly colorOf: (value: number | null) => string;
}
