type Escapes =
  /**
   * As in a shell: not within single quotes; within double quotes only before `"`, `\`, `$`, a backquote and a new
   * line.
   */
  | "shell"
  /** Everywhere, as in systemd's values of variables. */
  | "everywhere";

/** Thrown for a quote that is not closed. */
export class QuoteError extends Error {
  override readonly name = "QuoteError";
}

/** Splits a text into words by quotes and backslashes. Throws QuoteError. */
export function quotedWords(text: string, escapes: Escapes): readonly string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = "";
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    const next = text[i + 1];
    if (char === "\\" && next !== undefined && isEscape(quote, next, escapes)) {
      if (next !== "\n" || escapes === "everywhere") word = (word ?? "") + next;
      i++;
    } else if (quote !== "") {
      if (char === quote) quote = "";
      else word = (word ?? "") + char;
    } else if (char === '"' || char === "'") {
      quote = char;
      word ??= "";
    } else if (/\s/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? "") + char;
  }
  // Systemd allows a missing closing quote at the end of a value.
  if (quote !== "" && escapes === "shell") throw new QuoteError(`the quote ${quote} is not closed`);
  if (word !== undefined) words.push(word);
  return words;
}

const isEscape = (quote: string, next: string, escapes: Escapes): boolean =>
  escapes === "everywhere" || quote === "" || (quote === '"' && /["\\$`\n]/.test(next));
