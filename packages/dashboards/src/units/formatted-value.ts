/**
 * A formatted value in parts, such as number and unit. Panels show the parts next to each other and may style the parts
 * differently.
 */
export interface FormattedValue {
  readonly prefix: string;
  readonly text: string;
  /** Text after the number, such as the unit. Begins with a space if the unit has one. */
  readonly suffix: string;
}

/** Settings on which the text of a value depends. */
export interface FormatContext {
  /** Time zone: `utc`, an IANA name, or `browser` (the default) for the machine's zone. */
  readonly timeZone?: string | undefined;
  /**
   * The current time, epoch ms, for texts such as "5 minutes ago" and for times of today. If absent, all times are
   * written in full.
   */
  readonly now?: number | undefined;
  /** BCP 47 tag of the language for units that depend on the language. If absent, the machine's language is used. */
  readonly locale?: string | undefined;
  /** Whether times of columns include milliseconds. */
  readonly milliseconds?: boolean | undefined;
}

/** Function that formats values in one unit. Null has an empty text. */
export type ValueFormatter = (
  value: number | null,
  decimals?: number | null,
  context?: FormatContext,
) => FormattedValue;

/** Joins prefix, text and suffix. */
export const joinFormatted = ({ prefix, text, suffix }: FormattedValue): string => prefix + text + suffix;

export const formatted = (text: string, suffix = "", prefix = ""): FormattedValue => ({ prefix, text, suffix });
