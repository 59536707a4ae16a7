import type { Random } from "../support/random.ts";
import { repeatedSpan } from "./repeated-span.ts";

/** Limits of numeric types, written as decimal text. */
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
/** Characters that make most valid texts invalid if they are appended. */
const SPOILERS = ["x", '"', "\\", "}", ")", "\n", "\u0000", "é", "-", "=", " ", "#", "!"];
const BRACKETS = ["()", "[]", "{}"];

/** A hostile input for a server, and a description of how it was made. */
export interface InflatedInput {
  readonly text: string;
  /** Description of how the hostile input was made, for test reports. */
  readonly about: string;
}

/** A valid input with an inflated part: the text before it, the inflated part, and the text after it. */
export interface InflatedSeed {
  readonly before: string;
  readonly inflated: string;
  readonly rest: string;
  readonly about: string;
}

/**
 * Makes a valid input long, deep or extreme: repeats a part up to `most` characters, nests the input in brackets, or
 * sets a number to a limit. In two of three cases an invalid character follows, so that a parser with backtracking
 * tries all alternatives.
 */
export function inflate(seed: string, most: number, random: Random): InflatedInput {
  const { before, inflated, rest, about } = random.weighted([
    [6, () => repeatedSpan(seed, most, random)],
    [1, () => nested(seed, most, random)],
    [2, () => atBorder(seed, most, random)],
  ])();
  if (random.chance(33)) return { text: before + inflated + rest, about };
  const spoiler = random.pick(SPOILERS);
  return random.chance(50)
    ? { text: before + inflated + spoiler + rest, about: `${about}, then ${JSON.stringify(spoiler)} and the rest` }
    : { text: before + inflated + rest + spoiler, about: `${about}, then the rest and ${JSON.stringify(spoiler)}` };
}

function nested(seed: string, most: number, random: Random): InflatedSeed {
  const [open, close] = random.pick(BRACKETS) as unknown as [string, string];
  const depth = Math.max(1, Math.floor((most - seed.length) / 2));
  const isClosed = random.chance(50);
  const about = `${JSON.stringify(seed)} in ${depth} ${open}${isClosed ? close : ""}`;
  return { before: "", inflated: open.repeat(depth) + seed, rest: isClosed ? close.repeat(depth) : "", about };
}

/** Replaces a number in a valid input by a limit of a numeric type, or by a number with a million digits. */
function atBorder(seed: string, most: number, random: Random): InflatedSeed {
  const numbers = [...seed.matchAll(/\d+(?:\.\d+)?/g)];
  const number = numbers.length === 0 ? undefined : random.pick(numbers);
  if (number === undefined) return repeatedSpan(seed, most, random);
  const isLong = random.chance(40);
  const digits = random.pick(["1", "0", "9", "1e", "0.", "1_"]);
  const times = Math.max(1, Math.floor((most - seed.length) / digits.length));
  return {
    before: seed.slice(0, number.index),
    inflated: isLong ? digits.repeat(times) : random.pick(BORDERS),
    rest: seed.slice(number.index + number[0].length),
    about: `${isLong ? `${digits}…` : "a border"} for ${number[0]} in ${JSON.stringify(seed)}`,
  };
}
