import { randomBytes } from "node:crypto";

const DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** A name for an instance that was given none: a ULID (48 bits of time, 80 of chance, Crockford's base 32). */
export function randomPeerName(now: number): string {
  let value = (BigInt(Math.floor(now)) << 80n) | BigInt(`0x${randomBytes(10).toString("hex")}`);
  let name = "";
  for (let i = 0; i < 26; i++) {
    name = DIGITS[Number(value & 31n)]! + name;
    value >>= 5n;
  }
  return name;
}

/** Tells one process from another of the same name. */
export const randomInstance = (): string => randomBytes(8).toString("hex");
