import { createHash } from "node:crypto";
import { Random } from "../support/random.ts";
import type { Door } from "./door.ts";
import { inflateMessage } from "./inflate-message.ts";
import { inflate, type InflatedInput } from "./inflate.ts";

/** Percentage of protocol buffer inputs that are inflated as plain bytes, without regard to the message format. */
const PERCENT_FORMLESS = 20;

/**
 * Lengths in characters. The test draws one of these lengths, but the input is never longer than the entry point's
 * maximum.
 */
const LENGTHS = [Infinity, 8e6, 8e6, 1e6, 1e6, 250_000, 30_000];

/** Returns the random generator for one entry point. The choices depend only on the seed and on the entry point. */
export function randomFor({ role, name }: Door, seed: number): Random {
  const hash = createHash("sha256").update(`${seed}/${role}/${name}`).digest();
  return new Random(hash.readUInt32LE() >>> 1);
}

/** Returns a long, deep or extreme input in the encoding that the entry point requires. */
export function inputFor({ seeds, most, entry }: Door, random: Random): InflatedInput {
  const seed = random.pick(seeds);
  // Most inputs are shorter than the maximum, because even linear work may take a second for the greatest length.
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
