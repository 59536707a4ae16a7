/** A variable that an editor suggests and colours. */
export interface EditorVariable {
  /** The name without `$`. */
  readonly name: string;
  readonly info: string;
  /** Whether the value is a duration, which is suggested inside of square brackets. */
  readonly isDuration?: boolean;
}

/** Variables whose values depend on the step and on the length of the time range of a query. */
export const STEP_VARIABLES: readonly EditorVariable[] = [
  {
    name: "__rate_interval",
    info: "A window for rate(): the step plus one scrape interval, at least four scrape intervals.",
    isDuration: true,
  },
  { name: "__interval", info: "The step, such as 1m.", isDuration: true },
  { name: "__range", info: "The length of the time range, such as 3600s.", isDuration: true },
  { name: "__interval_ms", info: "The step in milliseconds." },
  { name: "__rate_interval_ms", info: "The window for rate() in milliseconds." },
  { name: "__range_s", info: "The length of the time range in seconds." },
  { name: "__range_ms", info: "The length of the time range in milliseconds." },
];

/** Windows of range selectors that editors suggest. */
export const WINDOWS: readonly string[] = ["5m", "1m", "10m", "15m", "30m", "1h", "6h", "1d"];
