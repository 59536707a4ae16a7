const UNSAFE = /[<>&\u2028\u2029]/g;

/**
 * Returns a value as JSON in the form of Go's encoder, which writes <, > and & as \u escapes.
 * @param indent text that indents each level; without it, the JSON is one line
 */
export const goJson = (value: unknown, indent?: string): string =>
  JSON.stringify(value, undefined, indent).replace(
    UNSAFE,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
