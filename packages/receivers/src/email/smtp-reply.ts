import { SmtpError } from "./smtp-failure.ts";

/** Longest reply that is read, in code units. */
const LONGEST = 64 * 1024;

/** What a server says to a command. */
export interface Reply {
  readonly code: number;
  /** A text for each line, without the code. */
  readonly lines: readonly string[];
}

/** Puts a server's bytes together to replies (RFC 5321, 4.2). */
export class ReplyReader {
  readonly #decoder = new TextDecoder();
  #rest = "";
  #lines: string[] = [];
  #size = 0;

  /** The replies that end in this piece. Throws SmtpError, in Go's words, for what is none. */
  read(bytes: Uint8Array): readonly Reply[] {
    const replies: Reply[] = [];
    const lines = (this.#rest + this.#decoder.decode(bytes, { stream: true })).split("\n");
    this.#rest = lines.pop()!;
    for (const line of lines) {
      const text = line.replace(/\r$/, "");
      const [, code, more, said] = /^(.{3})([ -])(.*)$/s.exec(text) ?? [];
      if (code === undefined) throw new SmtpError(`short response: ${text}`);
      if (!/^[1-9]\d\d$/.test(code)) throw new SmtpError(`invalid response code: ${text}`);
      this.#lines.push(said!);
      this.#size += text.length;
      if (more === " ") {
        replies.push({ code: Number(code), lines: this.#lines });
        this.#lines = [];
        this.#size = 0;
      }
    }
    if (this.#size + this.#rest.length > LONGEST) throw new SmtpError("the server's reply does not end");
    return replies;
  }
}
