const UNSAFE = /[<>&\u2028\u2029]/g;

/** Returns JSON in the form of Go's encoder, which writes <, > and & as \u escapes. */
export const goJson = (value: unknown): string =>
  JSON.stringify(value).replace(UNSAFE, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
