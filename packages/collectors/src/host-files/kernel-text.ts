/** Splits a text into lines, without the empty line after the last newline. */
export function linesOf(text: string): string[] {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

const WHITE = /[ \t]+/;

/** Returns words separated by blanks, ignoring leading and trailing blanks. */
export function fieldsOf(line: string): string[] {
  const trimmed = line.trim();
  return trimmed === "" ? [] : trimmed.split(WHITE);
}

/** Maximum length of a list; no kernel has this number of processors or nodes. */
const MAX_NUMBERS = 65_536;

/** Reads a kernel list such as `0-3,7` as numbers. Throws if it has more numbers than a kernel can have. */
export function rangeListOf(text: string): number[] {
  const numbers: number[] = [];
  for (const part of text.trim().split(",")) {
    if (part === "") continue;
    const [first, last = first] = part.split("-").map(Number);
    if (last! >= MAX_NUMBERS || last! - first! + numbers.length >= MAX_NUMBERS)
      throw new Error(`the list ${part} has more than ${MAX_NUMBERS} numbers`);
    for (let n = first!; n <= last!; n++) numbers.push(n);
  }
  return numbers;
}
