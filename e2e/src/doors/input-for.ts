import { createHash } from "node:crypto";
import { Dice } from "../support/dice.ts";
import type { Door } from "./door.ts";
import { pumpMessage } from "./pump-message.ts";
import { pump, type Pumped } from "./pump.ts";

/**
 * Percentage of inputs that are inflated without regard to the message format, for doors whose input is a protocol
 * buffer message.
 */
const PERCENT_FORMLESS = 20;

/** Lengths of inputs in characters, of which one is drawn. The door's own limit applies as well. */
const LENGTHS = [Infinity, 8e6, 8e6, 1e6, 1e6, 250_000, 30_000];

/** Returns random choices for one door. The seed repeats them, and they do not depend on other doors. */
export function diceFor({ role, name }: Door, seed: number): Dice {
  const hash = createHash("sha256").update(`${seed}/${role}/${name}`).digest();
  return new Dice(hash.readUInt32LE() >>> 1);
}

/** Returns an inflated input for a door, in the encoding that the door requires. */
export function inputFor({ seeds, most, entry }: Door, dice: Dice): Pumped {
  const seed = dice.pick(seeds);
  // An input of the greatest length may take a second even if the work is linear, so most inputs are shorter.
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
