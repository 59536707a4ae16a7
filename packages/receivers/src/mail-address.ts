/** A text that is no list of mail addresses; the message is Go's. */
export class AddressError extends Error {
  override readonly name = "AddressError";
}

/** RFC 5322 atext; a dot joins atoms, anything beyond ASCII is taken as RFC 6532 has it. */
const isAtext = (char: string): boolean => /[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~.]|[^\0-\x7f]/.test(char);

/**
 * Plain addresses of a list such as `A <a@x>, "B, C" <b@y>, team: c@z;`. Throws AddressError.
 *
 * ```ts
 * parseAddresses("Me <me@x.org>, you@x.org") // => ["me@x.org", "you@x.org"]
 * ```
 */
export function parseAddresses(text: string): string[] {
  const reader = new AddressReader(text);
  const found: string[] = [];
  for (;;) {
    while (reader.takeSpace() && reader.take(","));
    found.push(...reader.address(true));
    reader.skipComments();
    if (reader.isEmpty) return found;
    if (!reader.take(",")) throw new AddressError("mail: expected comma");
    while (reader.takeSpace() && reader.take(","));
    if (reader.isEmpty) return found;
  }
}

class AddressReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get isEmpty(): boolean {
    return this.#at >= this.#text.length;
  }

  get #next(): string {
    return this.#text.charAt(this.#at);
  }

  take(char: string): boolean {
    if (this.#next !== char) return false;
    this.#at++;
    return true;
  }

  /** Always true, for chains. */
  takeSpace(): true {
    while (this.#next === " " || this.#next === "\t") this.#at++;
    return true;
  }

  skipComments(): void {
    while (this.takeSpace() && this.take("(")) {
      for (let depth = 1; depth > 0; this.#at++) {
        if (this.isEmpty) throw new AddressError("mail: misformatted parenthetical comment");
        if (this.#next === "\\") this.#at++;
        else if (this.#next === "(") depth++;
        else if (this.#next === ")") depth--;
      }
    }
  }

  /** One address, or those of a group. */
  address(groups: boolean): string[] {
    this.takeSpace();
    if (this.isEmpty) throw new AddressError("mail: no address");
    const start = this.#at;
    try {
      return [this.#spec()];
    } catch (error) {
      if (!(error instanceof AddressError)) throw error;
      this.#at = start;
    }
    const name = this.#next === "<" ? "" : this.#phrase();
    this.takeSpace();
    if (groups && this.take(":")) return this.#group();
    if (!this.take("<")) {
      const bare = Array.from(name).every(isAtext);
      throw new AddressError(bare ? "mail: missing '@' or angle-addr" : "mail: no angle-addr");
    }
    const spec = this.#spec();
    if (!this.take(">")) throw new AddressError("mail: unclosed angle-addr");
    return [spec];
  }

  #group(): string[] {
    const members: string[] = [];
    this.skipComments();
    while (!this.take(";")) {
      members.push(...this.address(false));
      this.skipComments();
      if (this.#next !== ";" && !this.take(",")) throw new AddressError("mail: expected comma");
      this.skipComments();
    }
    if (members.length === 0) throw new AddressError("mail: empty group");
    return members;
  }

  /** `local@domain`. */
  #spec(): string {
    this.takeSpace();
    if (this.isEmpty) throw new AddressError("mail: no addr-spec");
    const local = this.#next === '"' ? JSON.stringify(this.#quoted()) : this.#atom(true);
    if (local === '""') throw new AddressError("mail: empty quoted string in addr-spec");
    if (!this.take("@")) throw new AddressError("mail: missing @ in addr-spec");
    this.takeSpace();
    if (this.isEmpty) throw new AddressError("mail: no domain in addr-spec");
    return `${local}@${this.#next === "[" ? this.#literal() : this.#atom(true)}`;
  }

  /** `[192.0.2.1]`. */
  #literal(): string {
    const end = this.#text.indexOf("]", this.#at);
    const literal = this.#text.slice(this.#at, end + 1);
    if (end < 0 || !/^\[[!-Z^-~]*\]$/.test(literal)) throw new AddressError("mail: unclosed domain-literal");
    this.#at = end + 1;
    return literal;
  }

  /** Words before an address in angles. */
  #phrase(): string {
    const words: string[] = [];
    for (;;) {
      this.skipComments();
      if (this.isEmpty || (this.#next !== '"' && !isAtext(this.#next))) break;
      words.push(this.#next === '"' ? this.#quoted() : this.#atom(false));
    }
    if (words.length === 0) throw new AddressError("mail: missing word in phrase: mail: invalid string");
    return words.join(" ");
  }

  #quoted(): string {
    let text = "";
    for (this.#at++; this.#next !== '"'; this.#at++) {
      if (this.#next === "\\") this.#at++;
      if (this.isEmpty) throw new AddressError("mail: unclosed quoted-string");
      if (/[\0-\x08\x0a-\x1f\x7f]/.test(this.#next)) {
        throw new AddressError(`mail: bad character in quoted-string: ${JSON.stringify(this.#next)}`);
      }
      text += this.#next;
    }
    this.#at++;
    return text;
  }

  #atom(strict: boolean): string {
    const start = this.#at;
    while (!this.isEmpty && isAtext(this.#next)) this.#at++;
    const atom = this.#text.slice(start, this.#at);
    if (atom === "") throw new AddressError("mail: invalid string");
    if (strict && atom.startsWith(".")) throw new AddressError("mail: leading dot in atom");
    if (strict && atom.includes("..")) throw new AddressError("mail: double dot in atom");
    if (strict && atom.endsWith(".")) throw new AddressError("mail: trailing dot in atom");
    return atom;
  }
}
