/** Maximum number of characters of a tool's answer. */
export const MAX_ANSWER = 200_000;

/**
 * Returns data as JSON. A text that is too long is cut at its end, with a sentence that says how to get less, because an
 * assistant can use the beginning of a long list.
 */
export function boundedText(data: unknown): string {
  const text = JSON.stringify(data) ?? "null";
  if (text.length <= MAX_ANSWER) return text;
  return `${text.slice(0, MAX_ANSWER).toWellFormed()}\n… The answer was cut after ${MAX_ANSWER} of ${text.length} characters. Ask for fewer series, entries or points.`;
}
