/** Backslash and newline, as HELP text is written. */
export const escapeHelp = (text: string): string =>
  /[\\\n]/.test(text) ? text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n") : text;

/** Backslash, newline and double quote, as label values and quoted names are written. */
export const escapeValue = (text: string): string =>
  /[\\\n"]/.test(text) ? text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"') : text;
