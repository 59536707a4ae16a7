/** Maximum number of characters of a text from another program in a log line or on a page. */
const MAX_LENGTH = 1000;

/** Returns a text with at most this number of characters, and an ellipsis if it was longer. */
export const shortened = (text: string, maxLength = MAX_LENGTH): string =>
  text.length <= maxLength ? text : `${text.slice(0, maxLength).toWellFormed()}…`;

/** Returns the message of an error for the log or a page, shortened, because it can contain the answer of a service. */
export const errorText = (error: unknown): string => shortened(error instanceof Error ? error.message : String(error));
