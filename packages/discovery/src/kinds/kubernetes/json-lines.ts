/** Maximum length in characters of a line in a watch stream. An object in etcd has at most 1.5 MB. */
const MAX_LINE_LENGTH = 64 * 1024 * 1024;

/** Splits a stream of bytes into lines and parses each line as JSON. Chunks may end within a line. */
export class JsonLines {
  readonly #decoder = new TextDecoder();
  #begun = "";

  /**
   * Adds a chunk of the stream, and returns the values of all lines that are now complete. Throws if a line is not JSON
   * or is too long.
   */
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
