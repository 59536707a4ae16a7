/** Lines without the empty one after the last newline. */
export function linesOf(text: string): string[] {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

const WHITE = /[ \t]+/;

/** Words between runs of blanks, leading and trailing ones ignored. */
export function fieldsOf(line: string): string[] {
  const trimmed = line.trim();
  return trimmed === "" ? [] : trimmed.split(WHITE);
}

/** A number as the kernel prints it. Throws with the place named: a file in a new format must not become NaN. */
export function numberOf(text: string | undefined, where: string): number {
  const value = Number(text);
  if (text === undefined || text.trim() === "" || Number.isNaN(value))
    throw new Error(`${where}: expected a number, got "${text ?? ""}"`);
  return value;
}

/** Whole number in decimal, or with a prefix of 0x in hexadecimal; undefined for anything else. */
export function integerOf(text: string | undefined): number | undefined {
  if (text === undefined || !/^-?(?:\d+|0[xX][0-9a-fA-F]+)$/.test(text)) return undefined;
  return text.startsWith("-") ? -Number(text.slice(1)) : Number(text);
}

/** A kernel list such as `0-3,7`, as numbers. */
export function rangeListOf(text: string): number[] {
  const numbers: number[] = [];
  for (const part of text.trim().split(",")) {
    if (part === "") continue;
    const [first, last = first] = part.split("-");
    for (let n = Number(first); n <= Number(last); n++) numbers.push(n);
  }
  return numbers;
}
