import type { Position } from "@narthex/config";

/** The text of a file with the offsets of its lines. */
export class SourceText {
  readonly text: string;
  readonly #starts: number[] = [0];

  constructor(text: string) {
    this.text = text;
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) this.#starts.push(at + 1);
  }

  get lineCount(): number {
    return this.#starts.length;
  }

  line(number: number): string {
    return this.text.slice(this.#starts[number - 1], this.#starts[number] ?? this.text.length);
  }

  offsetOf({ line, column }: Position): number {
    return (this.#starts[line - 1] ?? this.text.length) + column - 1;
  }

  positionOf(offset: number): Position {
    let [low, high] = [0, this.#starts.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.#starts[middle]! <= offset) low = middle;
      else high = middle;
    }
    return { line: low + 1, column: offset - this.#starts[low]! + 1 };
  }
}

const isBlank = (character: string | undefined): boolean =>
  character === " " || character === "\n" || character === "\t" || character === "\r";

/**
 * Returns the position in the file of a character of a YAML value. The value may be plain, quoted, or a block of
 * several lines. Returns the position of the value itself if the texts differ, for example by an escape.
 * @param value the decoded text of the YAML value
 * @param index index of the character in `value`
 */
export function positionInScalar(source: SourceText, start: Position, value: string, index: number): Position {
  const { text } = source;
  let at = source.offsetOf(start);
  const opening = text[at];
  if (opening === "|" || opening === ">") at = lineEnd(text, at);
  else if (opening === '"' || opening === "'") at++;
  for (let i = 0; i <= Math.min(index, value.length - 1); i++) {
    const character = value[i];
    if (isBlank(character)) continue;
    while (isBlank(text[at])) at++;
    if (opening === '"' && text[at] === "\\" && text[at + 1] === character) at++;
    if (text[at] !== character) return start;
    if (i === index) return source.positionOf(at);
    at += opening === "'" && character === "'" ? 2 : 1;
  }
  return start;
}

function lineEnd(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  return end < 0 ? text.length : end;
}
