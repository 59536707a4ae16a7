/** How often a report is sent. `last` is the last day of each month; `custom` has an interval of its own. */
export type Frequency = "once" | "hourly" | "daily" | "weekly" | "monthly" | "last" | "custom" | "never";
export type IntervalUnit = "hours" | "days" | "weeks" | "months";

/** When a report is sent. The time of day is that of the start in the schedule's zone. */
export interface Schedule {
  readonly frequency: Frequency;
  /** First time, Unix ms. */
  readonly start: number;
  /** Time after which the report is not sent any more, Unix ms; undefined for none. */
  readonly end?: number;
  /** IANA name of the zone in which days, months and hours are counted. */
  readonly zone: string;
  /** Interval of the frequency `custom`. */
  readonly interval?: { readonly amount: number; readonly unit: IntervalUnit };
  /** Whether the report is only sent from Monday to Friday of the zone. */
  readonly isWorkdaysOnly: boolean;
  /** Day of the month for the frequency `monthly`. A shorter month uses its last day. */
  readonly dayOfMonth?: number;
}

/** Largest amount of a custom interval. */
export const MAX_AMOUNT = 1000;
