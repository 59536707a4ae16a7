import type { Dice } from "../support/dice.ts";

/** Numbers at the borders of what types hold, as texts. */
const BORDERS = [
  "0",
  "-1",
  "2147483647",
  "2147483648",
  "4294967296",
  "9007199254740993",
  "9223372036854775807",
  "-9223372036854775808",
  "1e306",
  "1e-320",
  "+Inf",
  "-Inf",
  "NaN",
];
/** What commonly ends an input that was right so far. */
const SPOILERS = ["x", '"', "\\", "}", ")", "\n", "\u0000", "é", "-", "="];
const BRACKETS = ["()", "[]", "{}"];
/** A span of this many characters is repeated at most: a word, a pair, a line. */
const MOST_SPAN = 60;

/** An input that was pumped up, and how. */
export interface Pumped {
  readonly text: string;
  /** Repeats the input's making to a reader of a report. */
  readonly about: string;
}

/**
 * Makes a valid input long, deep or extreme: repeats a span of it up to `most` characters, nests it in brackets, or puts a
 * number at a border. One time in two the end is spoiled, so that a reader that looks for a match tries all ways.
 */
export function pump(seed: string, most: number, dice: Dice): Pumped {
  const { text, about } = dice.weighted([
    [6, () => repeated(seed, most, dice)],
    [1, () => nested(seed, most, dice)],
    [2, () => atBorder(seed, most, dice)],
  ])();
  if (dice.chance(50)) return { text, about };
  const spoiler = dice.pick(SPOILERS);
  return { text: text + spoiler, about: `${about}, then ${JSON.stringify(spoiler)}` };
}

/** A seed of which the span at one place is repeated, one character in three times. */
function repeated(seed: string, most: number, dice: Dice): Pumped {
  const from = dice.roll(seed.length);
  const length = dice.chance(35) ? 1 : 1 + dice.roll(Math.min(MOST_SPAN, seed.length - from));
  const span = seed.slice(from, from + length);
  const times = Math.max(1, Math.floor((most - seed.length) / span.length));
  const text = seed.slice(0, from) + span.repeat(times) + seed.slice(from + length);
  return { text, about: `${times} × ${JSON.stringify(span)} at ${from} of ${JSON.stringify(seed)}` };
}

function nested(seed: string, most: number, dice: Dice): Pumped {
  const [open, close] = dice.pick(BRACKETS) as unknown as [string, string];
  const depth = Math.floor((most - seed.length) / 2);
  const isClosed = dice.chance(50);
  const text = open.repeat(depth) + seed + (isClosed ? close.repeat(depth) : "");
  return { text, about: `${JSON.stringify(seed)} in ${depth} ${open}${isClosed ? close : ""}` };
}

/** A number of the seed at a border, or as a million digits. */
function atBorder(seed: string, most: number, dice: Dice): Pumped {
  const numbers = [...seed.matchAll(/\d+(?:\.\d+)?/g)];
  const number = numbers.length === 0 ? undefined : dice.pick(numbers);
  if (number === undefined) return repeated(seed, most, dice);
  const isLong = dice.chance(40);
  const digits = dice.pick(["1", "0", "9", "1e", "0.", "1_"]);
  const wanted = isLong ? digits.repeat(Math.floor((most - seed.length) / digits.length)) : dice.pick(BORDERS);
  const text = seed.slice(0, number.index) + wanted + seed.slice(number.index + number[0].length);
  return { text, about: `${isLong ? `${digits}…` : wanted} for ${number[0]} in ${JSON.stringify(seed)}` };
}
