/** A value as it is shown: the parts are set side by side, each in a style of its own where a panel wants that. */
export interface FormattedValue {
  readonly prefix: string;
  readonly text: string;
  /** With the space before it, if any. */
  readonly suffix: string;
}

/** What the same value may look like elsewhere. */
export interface FormatContext {
  /** `utc`, a name of the IANA, or `browser` (also the default): that of the machine. */
  readonly timeZone?: string | undefined;
  /** Epoch milliseconds of now, for "5 minutes ago" and times of today; such times are written in full without it. */
  readonly now?: number | undefined;
  /** Of units that follow a language, as BCP 47 has it; absent: the machine's. */
  readonly locale?: string | undefined;
  /** Whether times of columns are written with milliseconds. */
  readonly milliseconds?: boolean | undefined;
}

/** Writes values of one unit; null and what is no number have no text. */
export type ValueFormatter = (
  value: number | null,
  decimals?: number | null,
  context?: FormatContext,
) => FormattedValue;

/** The parts in one. */
export const joinFormatted = ({ prefix, text, suffix }: FormattedValue): string => prefix + text + suffix;

export const formatted = (text: string, suffix = "", prefix = ""): FormattedValue => ({ prefix, text, suffix });
