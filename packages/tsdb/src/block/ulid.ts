const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** The latest time that a block's name can contain, ms since 1970: 48 bits. */
export const MAX_ULID_TIME = 2 ** 48 - 1;

const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

/** Returns whether a text can be a block's name: 26 upper-case characters of Crockford's base 32, at most 128 bits. */
export const isUlid = (text: string): boolean => ULID.test(text);

/**
 * Returns a new block name: 48 bits of time, then 80 random bits, so that names sort by creation time
 * (github.com/ulid/spec). `random` returns numbers in [0, 1).
 */
export function newUlid(timeMs: number, random: () => number): string {
  let time = "";
  for (let rest = Math.floor(timeMs), i = 0; i < 10; i++) {
    time = ALPHABET[rest % 32]! + time;
    rest = Math.floor(rest / 32);
  }
  let tail = "";
  for (let i = 0; i < 16; i++) tail += ALPHABET[Math.floor(random() * 32)]!;
  return time + tail;
}

/** Returns the time that a block's name contains, ms since 1970. */
export function ulidTime(ulid: string): number {
  let time = 0;
  for (let i = 0; i < 10; i++) time = time * 32 + ALPHABET.indexOf(ulid[i]!);
  return time;
}
