/** Captured groups of a match. Index 0 is the whole match. A group that is not part of the match is undefined. */
type Groups = readonly (string | undefined)[];

/**
 * Matches a reference to a captured group in a replacement text, as Go does: `$$`, `$` followed by letters, digits and
 * underscores, or `${…}`. Any other `$` is literal.
 */
const REFERENCE = /\$(?:\$|([\p{L}\p{Nd}_]+)|\{([\p{L}\p{Nd}_]+)\})/gu;
/** Matches the number of a captured group. Digits with a leading zero are a name, not a number. */
const NUMBER = /^(?:0|[1-9]\d{0,7})$/;

/** A replacement text with references to captured groups. The text is parsed once and expanded for many matches. */
export class ExpansionTemplate {
  /** The replacement text if it refers to no group, otherwise undefined. */
  readonly constant: string | undefined;
  /**
   * Literal texts and numbers of groups in the order of the replacement text. The number -1 refers to a group that does
   * not exist.
   */
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
