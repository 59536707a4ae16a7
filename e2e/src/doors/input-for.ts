import { createHash } from "node:crypto";
import { Dice } from "../support/dice.ts";
import type { Door } from "./door.ts";
import { pumpMessage } from "./pump-message.ts";
import { pump, type Pumped } from "./pump.ts";

/** Percentage of inputs to a door for messages that are inflated without regard to their format. */
const PERCENT_FORMLESS = 20;

/** Tried lengths, up to the door's own limit. */
const LENGTHS = [Infinity, 8e6, 8e6, 1e6, 1e6, 250_000, 30_000];

/** Random choices for one door, which are repeatable by the seed and independent of other doors. */
export function diceFor({ role, name }: Door, seed: number): Dice {
  const hash = createHash("sha256").update(`${seed}/${role}/${name}`).digest();
  return new Dice(hash.readUInt32LE() >>> 1);
}

/** Inflates an input in the encoding of the door. */
export function inputFor({ seeds, most, entry }: Door, dice: Dice): Pumped {
  const seed = dice.pick(seeds);
  // Linear work on the longest input may take a second, so most inputs are shorter.
  const wanted = Math.floor(Math.min(most, dice.pick(LENGTHS)));
  const number = dice.roll(2 ** 30);
  const isMessage = "type" in entry && entry.type.includes("protobuf") && !dice.chance(PERCENT_FORMLESS);
  for (const share of [1, 0.4, 0.2, 0.1]) {
    const room = Math.max(seed.length + 1, Math.floor(wanted * share));
    const own = new Dice(number);
    const pumped = isMessage ? pumpMessage(seed, room, entry.type.includes("delimited"), own) : pump(seed, room, own);
    const written = entry.kind === "parameter" || entry.kind === "path" ? encodeURIComponent(pumped.text) : pumped.text;
    if (written.length <= most) return pumped;
  }
  return { text: seed, about: "the seed itself" };
}
