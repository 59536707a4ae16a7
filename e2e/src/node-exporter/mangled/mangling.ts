import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Random } from "../../support/random.ts";

/** Damage to one file of the recorded /proc and /sys tree, which can be applied and undone. */
export interface Mangled {
  readonly path: string;
  /** Description of the damage to the file, for the test report. */
  readonly what: string;
  /** Damages the file. Can be called again after undo(). */
  apply(): void;
  undo(): void;
}

/** Returns the names of the regular files below a folder, in a fixed order. Does not follow links. */
export function filesBelow(root: string, folder: string): string[] {
  const entries = readdirSync(join(root, folder), { withFileTypes: true }).toSorted((a, b) =>
    a.name < b.name ? -1 : 1,
  );
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return filesBelow(root, path);
    return entry.isFile() ? [path] : [];
  });
}

/** Numbers at or beyond the limits of 64 bits. */
const NUMBERS = ["99999999999999999999999", "18446744073709551615", "9223372036854775808", "-1"];
const WORDS = ["x", "", "N/A", "1.5", "1e3", "+7", "12abc"];

/** Damages the text of a file. Returns undefined if the text has no part that can be damaged in this way. */
type Damage = (random: Random, text: string) => { readonly text: string; readonly what: string } | undefined;

function withAnother(random: Random, text: string, others: readonly string[]): ReturnType<Damage> {
  const numbers = [...text.matchAll(/\b\d+\b/g)];
  if (numbers.length === 0) return undefined;
  const number = random.pick(numbers);
  const other = random.pick(others);
  const after = text.slice(number.index + number[0].length);
  const line = text.slice(0, number.index).split("\n").length;
  return { text: text.slice(0, number.index) + other + after, what: `line ${line}: ${number[0]} is now "${other}"` };
}

function withoutColumn(random: Random, text: string): ReturnType<Damage> {
  const lines = text.split("\n");
  const at = random.pick([...lines.keys()].filter((i) => lines[i]!.trim() !== "" || lines.length === 1));
  const columns = [...(lines[at] ?? "").matchAll(/\S+\s*/g)];
  if (columns.length === 0) return undefined;
  const column = random.pick(columns);
  const line = lines[at]!;
  const shorter = line.slice(0, column.index) + line.slice(column.index + column[0].length);
  return { text: lines.with(at, shorter).join("\n"), what: `line ${at + 1}: lost "${column[0].trim()}"` };
}

function cut(random: Random, text: string): ReturnType<Damage> {
  if (text.length < 2) return undefined;
  const length = 1 + random.below(text.length - 1);
  return { text: text.slice(0, length), what: `cut after ${length} of ${text.length} characters` };
}

const DAMAGES: readonly Damage[] = [
  (random, text) => withAnother(random, text, NUMBERS),
  (random, text) => withAnother(random, text, WORDS),
  withoutColumn,
  cut,
  (_, text) => (text === "" ? undefined : { text: "", what: "emptied" }),
];

/** Chooses random damage to a file. Returns undefined if the file cannot be damaged. */
export function mangle(random: Random, root: string, path: string): Mangled | undefined {
  const file = join(root, path);
  const text = readFileSync(file, "latin1");
  const restore = (): void => writeFileSync(file, text, "latin1");
  if (random.chance(20)) return { path, what: "deleted", apply: () => rmSync(file), undo: restore };
  const damage = random.pick(DAMAGES)(random, text);
  if (damage === undefined || damage.text === text) return undefined;
  const apply = (): void => writeFileSync(file, damage.text, "latin1");
  return { path, what: damage.what, apply, undo: restore };
}
