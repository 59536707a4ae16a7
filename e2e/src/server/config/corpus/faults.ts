import type { Dice } from "../../../support/dice.ts";
import { isList, isMap, list, map, type Place, places, type Tree } from "./yaml-tree.ts";

/**
 * YAML values that are wrong in most places. A quoted null is left out. As a regex it overwrites Prometheus' default
 * until the process ends, which affects the files that promtool checks later.
 */
const STRANGERS: readonly Tree[] = [
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

type Fault = (root: Tree, all: readonly Place[], dice: Dice) => void;

const replaceScalar: Fault = (_root, all, dice) => {
  const scalars = all.filter(({ value }) => typeof value === "string");
  if (scalars.length > 0) dice.pick(scalars).set(structuredClone(dice.pick(STRANGERS)));
};

const replaceAny: Fault = (_root, all, dice) => dice.pick(all).set(structuredClone(dice.pick(STRANGERS)));

const misspell: Fault = (_root, all, dice) => {
  const keyed = all.filter(({ entry }) => entry !== undefined);
  const { entry } = dice.pick(keyed);
  const at = dice.roll(entry![0].length);
  const [before, after] = [entry![0].slice(0, at), entry![0].slice(at)];
  entry![0] = dice.chance(50) ? before + after.slice(1) || "x" : `${before}x${after}`;
};

const repeat: Fault = (_root, all, dice) => {
  const { owner, entry } = dice.pick(all.filter((place) => place.owner !== undefined));
  owner!.entries.push([...entry!]);
};

const remove: Fault = (_root, all, dice) => {
  const { owner, entry } = dice.pick(all.filter((place) => place.owner !== undefined));
  owner!.entries.splice(owner!.entries.indexOf(entry!), 1);
};

const exchange: Fault = (_root, all, dice) => dice.pick(all).set(structuredClone(dice.pick(all).value));

const moveKey: Fault = (_root, all, dice) => {
  const from = dice.pick(all.filter((place) => place.owner !== undefined));
  const maps = all.map(({ value }) => value).filter(isMap);
  if (maps.length > 0) dice.pick(maps).entries.push([from.entry![0], structuredClone(from.value)]);
};

const doubleItem: Fault = (_root, all, dice) => {
  const lists = all.map(({ value }) => value).filter((value) => isList(value) && value.items.length > 0);
  if (lists.length === 0) return;
  const found = dice.pick(lists);
  if (isList(found)) found.items.push(structuredClone(dice.pick(found.items)));
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

/** Puts one wrong or unusual value into a tree. */
export function spoil(root: Tree, dice: Dice): void {
  const all = places(root);
  if (all.length > 0) dice.weighted(FAULTS)(root, all, dice);
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

/** Changes a text like a typing error: adds, removes or replaces a character, or changes the indentation of a line. */
export function scribble(text: string, dice: Dice): string {
  const at = dice.roll(text.length + 1);
  const lines = text.split("\n");
  const line = dice.roll(lines.length);
  switch (dice.roll(5)) {
    case 0:
      return text.slice(0, at) + dice.pick(PIECES) + text.slice(at);
    case 1:
      return text.slice(0, at) + text.slice(at + 1);
    case 2:
      return text.slice(0, at) + dice.pick(PIECES) + text.slice(at + 1);
    case 3:
      lines[line] = dice.pick([" ", "  ", "\t"]) + lines[line]!;
      return lines.join("\n");
    default:
      lines[line] = lines[line]!.replace(/^ {1,2}/, "");
      return lines.join("\n");
  }
}
