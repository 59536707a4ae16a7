/** A line longer than this is refused: the largest object etcd keeps is 1.5 MB. */
const MAX_LINE_LENGTH = 64 * 1024 * 1024;

/** Cuts a stream of bytes into lines of JSON, wherever the chunks end. */
export class JsonLines {
  readonly #decoder = new TextDecoder();
  #begun = "";

  /** The values whose lines end in this chunk. Throws for what is no JSON, and for a line without end. */
  push(chunk: Uint8Array): unknown[] {
    const text = this.#decoder.decode(chunk, { stream: true });
    const values: unknown[] = [];
    let from = 0;
    for (let end = text.indexOf("\n"); end !== -1; end = text.indexOf("\n", from)) {
      const line = this.#begun + text.slice(from, end);
      this.#begun = "";
      from = end + 1;
      if (line.trim() !== "") values.push(JSON.parse(line));
    }
    this.#begun += text.slice(from);
    if (this.#begun.length > MAX_LINE_LENGTH) throw new Error(`line is longer than ${MAX_LINE_LENGTH} characters`);
    return values;
  }
}
