import { createHash } from "node:crypto";
import { Random } from "../support/random.ts";
import type { Door } from "./door.ts";
import { inflateMessage } from "./inflate-message.ts";
import { inflate, type InflatedInput } from "./inflate.ts";

/** Percentage of protocol buffer inputs that are inflated as plain bytes, without regard to the message format. */
const PERCENT_FORMLESS = 20;

/**
 * Lengths in characters, from which the test draws the length of an input. An input is never longer than its entry
 * point allows.
 */
const LENGTHS = [Infinity, 8e6, 8e6, 1e6, 1e6, 250_000, 30_000];

/** Returns the random generator for an entry point. Its numbers depend only on the seed and the entry point. */
export function randomFor({ role, name }: Door, seed: number): Random {
  const hash = createHash("sha256").update(`${seed}/${role}/${name}`).digest();
  return new Random(hash.readUInt32LE() >>> 1);
}

/** Returns a long, deep or extreme input for an entry point of a server. */
export function inputFor({ seeds, most, entry }: Door, random: Random): InflatedInput {
  const seed = random.pick(seeds);
  // Makes most inputs shorter than the maximum, because even a parser with linear time may need a second for the
  // longest input.
  const wanted = Math.floor(Math.min(most, random.pick(LENGTHS)));
  const number = random.below(2 ** 30);
  const isMessage = "type" in entry && entry.type.includes("protobuf") && !random.chance(PERCENT_FORMLESS);
  for (const share of [1, 0.4, 0.2, 0.1]) {
    const room = Math.max(seed.length + 1, Math.floor(wanted * share));
    const own = new Random(number);
    const inflated = isMessage
      ? inflateMessage(seed, room, entry.type.includes("delimited"), own)
      : inflate(seed, room, own);
    const written =
      entry.kind === "parameter" || entry.kind === "path" ? encodeURIComponent(inflated.text) : inflated.text;
    if (written.length <= most) return inflated;
  }
  return { text: seed, about: "the seed itself" };
}
