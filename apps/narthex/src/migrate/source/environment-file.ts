/** A variable in an environment file. `line` is the number of its first line, starting at 1. */
export interface Assignment {
  readonly name: string;
  readonly value: string;
  readonly line: number;
}

/**
 * Parses the text of an environment file, such as those in /etc/default, by systemd's rules for EnvironmentFile=. Skips
 * lines that are not assignments.
 */
export function readEnvironmentFile(text: string): readonly Assignment[] {
  const found: Assignment[] = [];
  const reader = new ValueReader(text);
  while (!reader.isAtEnd) {
    const line = reader.line;
    const name = reader.takeName();
    if (name === undefined) continue;
    found.push({ name, value: reader.takeValue(), line });
  }
  return found;
}

/** Reads the text character by character. With quotes or backslashes, a value can span several lines. */
class ValueReader {
  readonly #text: string;
  #at = 0;
  line = 1;

  constructor(text: string) {
    this.#text = text.replaceAll("\r\n", "\n");
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  #next(): string {
    const char = this.#text[this.#at++]!;
    if (char === "\n") this.line++;
    return char;
  }

  /** Reads the name before the equals sign. A line without an equals sign is skipped, and the result is undefined. */
  takeName(): string | undefined {
    const end = this.#text.indexOf("\n", this.#at);
    const line = this.#text.slice(this.#at, end === -1 ? undefined : end);
    const name = /^\s*([A-Za-z_]\w*)\s*=/.exec(line);
    if (name === null) {
      // Skips a comment. A comment that ends with a backslash continues on the next line.
      let isOpen = true;
      while (isOpen && !this.isAtEnd) {
        const from = this.#at;
        while (!this.isAtEnd && this.#next() !== "\n");
        isOpen = /^\s*[#;].*\\\n$/.test(this.#text.slice(from, this.#at));
      }
      return undefined;
    }
    this.#at += name[0].length;
    return name[1]!;
  }

  takeValue(): string {
    let value = "";
    /** Length of the value without unquoted white space at its end. */
    let kept = 0;
    let isFirst = true;
    while (!this.isAtEnd) {
      const char = this.#next();
      if (char === "\n") break;
      if (isFirst && /\s/.test(char)) continue;
      isFirst = false;
      if (char === "'" || char === '"') {
        value += this.#takeQuoted(char);
        kept = value.length;
      } else if (char === "\\") {
        const next = this.isAtEnd ? "" : this.#next();
        if (next !== "\n") value += next;
        kept = value.length;
      } else {
        value += char;
        if (!/\s/.test(char)) kept = value.length;
      }
    }
    return value.slice(0, kept);
  }

  #takeQuoted(quote: string): string {
    let value = "";
    while (!this.isAtEnd) {
      const char = this.#next();
      if (char === quote) break;
      if (char !== "\\" || quote === "'" || this.isAtEnd) {
        value += char;
        continue;
      }
      const next = this.#next();
      if (/["\\`$]/.test(next)) value += next;
      else if (next !== "\n") value += `\\${next}`;
    }
    return value;
  }
}
