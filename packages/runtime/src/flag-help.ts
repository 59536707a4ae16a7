import type { FlagTable } from "./flags.ts";

const COLUMN = 33;
const WIDTH = 100;

/** Returns the text of --help: every flag that is not hidden, with its default and description. */
export function helpText(program: string, about: string, table: FlagTable): string {
  const lines = [
    `usage: ${program} [<flags>]`,
    "",
    about,
    "",
    "Flags:",
    ...entry("  -h, --help", "Show context-sensitive help."),
    ...entry("      --version", "Show application version."),
  ];
  for (const [name, flag] of Object.entries(table)) {
    if (flag.hidden === true) continue;
    const head = flag.short === undefined ? "      " : `  -${flag.short}, `;
    const value = flag.boolean ? "" : `=${quoted(flag.print(flag.default))}${flag.repeatable ? " ..." : ""}`;
    for (const item of entry(`${head}--${flag.boolean ? "[no-]" : ""}${name}${value}`, flag.help)) lines.push(item);
  }
  return `${lines.join("\n")}\n`;
}

const quoted = (value: string): string => (value === "" ? '""' : value);

function entry(left: string, sentence: string): string[] {
  const wrapped = wrap(sentence, WIDTH - COLUMN);
  const pad = " ".repeat(COLUMN);
  if (left.length >= COLUMN - 1) return [left, ...wrapped.map((line) => pad + line)];
  return wrapped.map((line, i) => (i === 0 ? left.padEnd(COLUMN) : pad) + line);
}

function wrap(sentence: string, width: number): string[] {
  const lines: string[] = [""];
  for (const word of sentence.split(" ")) {
    const last = lines[lines.length - 1]!;
    if (last !== "" && last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = last === "" ? word : `${last} ${word}`;
  }
  return lines;
}
