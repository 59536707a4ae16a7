/** Words that YAML 1.1 or 1.2 reads as a boolean, null or number. */
const NOT_TEXT = /^(?:true|false|yes|no|on|off|y|n|null|nan|inf)$/i;

/**
 * Matches text that needs no quotes: the text begins with a letter and contains no character that has a meaning in YAML
 * or in YAML's flow lists.
 */
const PLAIN = /^[A-Za-z][\w./@-]*(?::\d+)?$/;

/**
 * Formats a text as a YAML scalar, which can also be part of a list. The text is quoted if YAML would read it
 * differently without quotes.
 */
export function yamlScalar(text: string): string {
  if (PLAIN.test(text) && !NOT_TEXT.test(text)) return text;
  // JSON's quoting is valid in YAML. Characters that JSON allows but YAML regards as unprintable are escaped in
  // addition.
  return JSON.stringify(text).replaceAll(/[^\x20-\x7e\u00a1-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]/gu, escaped);
}

/** Returns the escape of a character: `\uXXXX`, or `\UXXXXXXXX` if it needs more than four digits. */
function escaped(char: string): string {
  const code = char.codePointAt(0)!.toString(16);
  return char.length > 1 ? `\\U${code.padStart(8, "0")}` : `\\u${code.padStart(4, "0")}`;
}
