import type { Random } from "../../../support/random.ts";
import { isList, isMap, list, map, type ReplaceablePart, replaceableParts, type Tree } from "./yaml-tree.ts";

/**
 * YAML values that are wrong in most places. A quoted null is left out: as a regular expression it overwrites
 * Prometheus' default until the process ends, which affects the files that promtool checks later.
 */
const WRONG_VALUES: readonly Tree[] = [
  "abc",
  "5",
  "-1",
  "''",
  "~",
  "",
  "null",
  "1.5",
  "-0.5",
  "1e99",
  ".nan",
  ".inf",
  "'5'",
  "'true'",
  "maybe",
  "2020-01-01",
  "!!str 5",
  "!!int 5",
  "!custom x",
  "5x",
  "1h1d",
  "1.5h",
  "-5s",
  "5XB",
  "10",
  "'('",
  "'[z-a]'",
  "'(?P<>x)'",
  "'http://a b'",
  "'http://a:x'",
  "'%zz'",
  "'::'",
  "http://x/y",
  "a/*/b",
  "basic",
  "TLS9",
  "99999999999999999999",
  "0b11",
  "017",
  "08",
  "1_0_0",
  "'\\xff'",
  list(),
  list("a"),
  list("~"),
  list("''"),
  list(list("a")),
  map([]),
  map([["a", "b"]]),
  map([["''", "x"]]),
  map([["authorization", "x"]]),
  map([["Host", "x"]]),
];

type Fault = (root: Tree, all: readonly ReplaceablePart[], random: Random) => void;

const replaceScalar: Fault = (_root, all, random) => {
  const scalars = all.filter(({ value }) => typeof value === "string");
  if (scalars.length > 0) random.pick(scalars).set(structuredClone(random.pick(WRONG_VALUES)));
};

const replaceAny: Fault = (_root, all, random) => random.pick(all).set(structuredClone(random.pick(WRONG_VALUES)));

const misspell: Fault = (_root, all, random) => {
  const keyed = all.filter(({ entry }) => entry !== undefined);
  const { entry } = random.pick(keyed);
  const at = random.below(entry![0].length);
  const [before, after] = [entry![0].slice(0, at), entry![0].slice(at)];
  entry![0] = random.chance(50) ? before + after.slice(1) || "x" : `${before}x${after}`;
};

const repeat: Fault = (_root, all, random) => {
  const { owner, entry } = random.pick(all.filter((place) => place.owner !== undefined));
  owner!.entries.push([...entry!]);
};

const remove: Fault = (_root, all, random) => {
  const { owner, entry } = random.pick(all.filter((place) => place.owner !== undefined));
  owner!.entries.splice(owner!.entries.indexOf(entry!), 1);
};

const exchange: Fault = (_root, all, random) => random.pick(all).set(structuredClone(random.pick(all).value));

const moveKey: Fault = (_root, all, random) => {
  const from = random.pick(all.filter((place) => place.owner !== undefined));
  const maps = all.map(({ value }) => value).filter(isMap);
  if (maps.length > 0) random.pick(maps).entries.push([from.entry![0], structuredClone(from.value)]);
};

const doubleItem: Fault = (_root, all, random) => {
  const lists = all.map(({ value }) => value).filter((value) => isList(value) && value.items.length > 0);
  if (lists.length === 0) return;
  const found = random.pick(lists);
  if (isList(found)) found.items.push(structuredClone(random.pick(found.items)));
};

const FAULTS: readonly (readonly [number, Fault])[] = [
  [6, replaceScalar],
  [2, replaceAny],
  [2, misspell],
  [1, repeat],
  [2, remove],
  [2, exchange],
  [2, moveKey],
  [1, doubleItem],
];

/** Replaces one random part of a YAML tree by a wrong or unusual value. */
export function spoil(root: Tree, random: Random): void {
  const all = replaceableParts(root);
  if (all.length > 0) random.weighted(FAULTS)(root, all, random);
}

const PIECES = [
  " ",
  "  ",
  "\t",
  ":",
  ": ",
  "- ",
  "#",
  "'",
  '"',
  "[",
  "]",
  "{",
  "}",
  ",",
  "|",
  ">",
  "&a ",
  "*a",
  "!",
  "%",
  "@",
  "?",
  "\\",
  "~",
  "<<: ",
  "---\n",
  "...\n",
  "\n",
  "é",
  "\u0001",
  "\r",
];

/** Simulates a typing error: adds, removes or replaces a character, or changes the indentation of a line. */
export function withTypingError(text: string, random: Random): string {
  const at = random.below(text.length + 1);
  const lines = text.split("\n");
  const line = random.below(lines.length);
  switch (random.below(5)) {
    case 0:
      return text.slice(0, at) + random.pick(PIECES) + text.slice(at);
    case 1:
      return text.slice(0, at) + text.slice(at + 1);
    case 2:
      return text.slice(0, at) + random.pick(PIECES) + text.slice(at + 1);
    case 3:
      lines[line] = random.pick([" ", "  ", "\t"]) + lines[line]!;
      return lines.join("\n");
    default:
      lines[line] = lines[line]!.replace(/^ {1,2}/, "");
      return lines.join("\n");
  }
}
