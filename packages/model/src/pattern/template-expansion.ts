/** Groups of a match. Index 0 is the whole match. A group that is not part of the match is undefined. */
type Groups = readonly (string | undefined)[];

/**
 * Matches a reference as Go does: `$$`, or `$` with the longest run of letters, digits and underscores, or with such a
 * run in braces. Any other `$` is literal.
 */
const REFERENCE = /\$(?:\$|([\p{L}\p{Nd}_]+)|\{([\p{L}\p{Nd}_]+)\})/gu;
/** Matches a group number. Digits with a leading zero are a name instead. */
const NUMBER = /^(?:0|[1-9]\d{0,7})$/;

/** A replacement text that is parsed once and expanded for many matches. */
export class ExpansionTemplate {
  /** Result of the expansion if the text contains no reference to a group, otherwise undefined. */
  readonly constant: string | undefined;
  /** Literal texts and group numbers in order; -1 means a group that does not exist. */
  readonly #parts: readonly (string | number)[];

  constructor(template: string, groupIndex: (name: string) => number) {
    const parts: (string | number)[] = [];
    let text = "";
    let from = 0;
    for (const match of template.includes("$") ? template.matchAll(REFERENCE) : []) {
      text += template.slice(from, match.index);
      from = match.index + match[0].length;
      const name = match[1] ?? match[2];
      if (name === undefined) text += "$";
      else {
        parts.push(text, NUMBER.test(name) ? Number(name) : groupIndex(name));
        text = "";
      }
    }
    parts.push(text + template.slice(from));
    this.#parts = parts;
    this.constant = parts.length === 1 ? (parts[0] as string) : undefined;
  }

  expand(groups: Groups): string {
    let out = "";
    for (const part of this.#parts) out += typeof part === "string" ? part : (groups[part] ?? "");
    return out;
  }
}
