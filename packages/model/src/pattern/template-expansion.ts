/** The groups of a match; index 0 is the whole match, and a group that did not take part is undefined. */
type Groups = readonly (string | undefined)[];

/** As in Go: the longest run of letters, digits and underscores, or such a run in braces; any other `$` is literal. */
const REFERENCE = /\$(?:\$|([\p{L}\p{Nd}_]+)|\{([\p{L}\p{Nd}_]+)\})/gu;
/** A number with a leading zero is a name. */
const NUMBER = /^(?:0|[1-9]\d{0,7})$/;

/** A replacement text that is parsed once and expanded for many matches. */
export class ExpansionTemplate {
  /** The expansion if it refers to no group. */
  readonly constant: string | undefined;
  /** Texts and group numbers; -1 for a group that does not exist. */
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
