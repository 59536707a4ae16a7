/** Characters of JSON that travel together. */
const PIECE = 256 * 1024;

/** The next piece of a text that comes in parts. */
export function gatherPiece(parts: Iterator<string, unknown>): { readonly text: string; readonly last: boolean } {
  let text = "";
  while (text.length < PIECE) {
    const next = parts.next();
    if (next.done === true) return { text, last: true };
    text += next.value;
  }
  return { text, last: false };
}

/** Resolves after everything else the thread has to do had its turn. */
export const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
