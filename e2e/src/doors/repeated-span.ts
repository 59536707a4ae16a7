import type { Random } from "../support/random.ts";
import type { InflatedSeed } from "./inflate.ts";

/** Maximum length in characters of the part of an input that is repeated. */
const MAX_SPAN = 60;
/** Separators between the copies of a repeated part, as between list elements. */
const JOINERS = ["", ",", " ", "\n", "&", "|", "+"];
const CLOSING: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}", '"': '"' };

/**
 * Repeats one part of a valid input until the text has about `most` characters. In one of three cases each copy
 * contains its number, so that all copies differ.
 */
export function repeatedSpan(seed: string, most: number, random: Random): InflatedSeed {
  const [from, to] = random.weighted([
    [3, () => oneCharacter(seed, random)],
    [3, () => wholePart(seed, random)],
    [3, () => anySpan(seed, random)],
  ])();
  const span = seed.slice(from, to);
  const joiner = to - from > 1 ? random.pick(JOINERS) : "";
  const copies = random.chance(33)
    ? numberedCopies(span, joiner, most - seed.length, random)
    : plainCopies(span + joiner, most - seed.length);
  return {
    before: seed.slice(0, from),
    inflated: copies + span,
    rest: seed.slice(to),
    about: `${copies.length} characters ${JSON.stringify(copies.slice(0, span.length + 8))}… at ${from} of ${JSON.stringify(seed)}`,
  };
}

type Span = readonly [from: number, to: number];

/**
 * Chooses one character of the input to repeat. Each distinct character is equally probable, so that separators are
 * often chosen.
 */
function oneCharacter(seed: string, random: Random): Span {
  const character = random.pick([...new Set(seed.split(""))]);
  const from = random.pick(seed.split("").flatMap((each, at) => (each === character ? [at] : [])));
  return [from, from + 1];
}

function anySpan(seed: string, random: Random): Span {
  const from = random.below(seed.length);
  return [from, from + 1 + random.below(Math.min(MAX_SPAN, seed.length - from))];
}

/** Chooses a part of the input to repeat: a bracketed or quoted part, a line, or a word. */
function wholePart(seed: string, random: Random): Span {
  const parts = [...bracketed(seed), ...matches(seed, /[^\n]+\n/g), ...matches(seed, /\w+/g)];
  return parts.length === 0 ? anySpan(seed, random) : random.pick(parts);
}

function bracketed(seed: string): Span[] {
  const parts: Span[] = [];
  const open: number[] = [];
  for (let at = 0; at < seed.length; at++) {
    const last = open.at(-1);
    if (last !== undefined && seed[at] === CLOSING[seed[last]!]) parts.push([open.pop()!, at + 1]);
    else if (CLOSING[seed[at]!] !== undefined) open.push(at);
  }
  return parts;
}

const matches = (seed: string, expression: RegExp): Span[] =>
  [...seed.matchAll(expression)].map(({ 0: found, index }) => [index, index + found.length]);

const plainCopies = (copy: string, room: number): string => copy.repeat(Math.max(1, Math.floor(room / copy.length)));

/** Returns copies of a part of the input. Each copy contains its own number, so all copies differ. */
function numberedCopies(span: string, joiner: string, room: number, random: Random): string {
  const at = random.below(span.length + 1);
  const [head, tail] = [span.slice(0, at), span.slice(at) + joiner];
  const copies: string[] = [];
  for (let left = room; left > 0; left -= copies.at(-1)!.length) copies.push(`${head}${copies.length}${tail}`);
  return copies.join("");
}
