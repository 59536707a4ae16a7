/** A formatted value. Panels show its parts next to each other and may style them differently. */
export interface FormattedValue {
  readonly prefix: string;
  readonly text: string;
  /** Includes the space before the suffix, if there is one. */
  readonly suffix: string;
}

/** Settings that the text of a value depends on. */
export interface FormatContext {
  /** Time zone: `utc`, an IANA name, or `browser` (the default) for the machine's zone. */
  readonly timeZone?: string | undefined;
  /**
   * The current time, epoch ms, for texts such as "5 minutes ago" and for times of today. If absent, all times are
   * written in full.
   */
  readonly now?: number | undefined;
  /** BCP 47 tag of the language for units that depend on it. Absent: the machine's language. */
  readonly locale?: string | undefined;
  /** Whether times of columns include milliseconds. */
  readonly milliseconds?: boolean | undefined;
}

/** Formats values of one unit. Null has an empty text. */
export type ValueFormatter = (
  value: number | null,
  decimals?: number | null,
  context?: FormatContext,
) => FormattedValue;

/** Joins the parts. */
export const joinFormatted = ({ prefix, text, suffix }: FormattedValue): string => prefix + text + suffix;

export const formatted = (text: string, suffix = "", prefix = ""): FormattedValue => ({ prefix, text, suffix });
