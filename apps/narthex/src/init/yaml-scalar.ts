/** Words that YAML 1.1 or 1.2 reads as something other than text. */
const NOT_TEXT = /^(?:true|false|yes|no|on|off|y|n|null|nan|inf)$/i;

/** Text that begins with a letter and holds nothing that has a meaning in YAML, within a flow list either. */
const PLAIN = /^[A-Za-z][\w./@-]*(?::\d+)?$/;

/** A text as YAML reads it back, within lists too: plain where that is safe, else between double quotes. */
export function yamlScalar(text: string): string {
  if (PLAIN.test(text) && !NOT_TEXT.test(text)) return text;
  // JSON's quoting is YAML's; what JSON leaves as it is and YAML does not print is escaped as well.
  return JSON.stringify(text).replaceAll(/[^\x20-\x7e\u00a1-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]/gu, escaped);
}

/** A character as its code units: `\uXXXX` each, or `\UXXXXXXXX` where it takes two. */
function escaped(char: string): string {
  const code = char.codePointAt(0)!.toString(16);
  return char.length > 1 ? `\\U${code.padStart(8, "0")}` : `\\u${code.padStart(4, "0")}`;
}
