import { Random } from "../../support/random.ts";

const PIECES = [
  "'",
  "''",
  "\\",
  "\\'",
  '"',
  "`",
  "--",
  "/*",
  "*/",
  ";",
  "$$",
  "%",
  "_",
  "\n",
  "\r",
  "\t",
  "\u001a",
  "é",
  "漢",
  "😀",
  "\u2028",
  "ʼ",
  "a",
  " OR 1=1 ",
  "union select",
  "E'",
  "0x27",
  "?",
  "$1",
  ":x",
];

/** Returns values of variables, most of which try to break out of an SQL string literal. */
export function hostileTexts(count: number): string[] {
  const random = new Random(Number(process.env["NARTHEX_SEED"] ?? 1));
  return Array.from({ length: count }, () =>
    Array.from({ length: random.below(8) }, () => random.pick(PIECES)).join(""),
  );
}
