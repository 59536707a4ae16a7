/** A formatted value. Its parts are shown next to each other, each in its own style if a panel wants that. */
export interface FormattedValue {
  readonly prefix: string;
  readonly text: string;
  /** Includes the space before the suffix, if there is one. */
  readonly suffix: string;
}

/** Settings that the text of a value depends on. */
export interface FormatContext {
  /** `utc`, an IANA name, or `browser` (the default) for the machine's zone. */
  readonly timeZone?: string | undefined;
  /** The present time, epoch ms, for "5 minutes ago" and times of today. Without it, such times are written in full. */
  readonly now?: number | undefined;
  /** BCP 47 language for units that depend on it. Absent: the machine's. */
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
