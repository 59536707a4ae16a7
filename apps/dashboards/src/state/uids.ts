import { randomInt } from "node:crypto";

const LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789";
const LENGTH = 14;

/** Returns a random uid. It begins with a letter, so that it is also a valid name. */
export function newUid(): string {
  let uid = LETTERS[randomInt(26)]!;
  while (uid.length < LENGTH) uid += LETTERS[randomInt(LETTERS.length)]!;
  return uid;
}

export const MAX_UID_LENGTH = 40;

/** Reports whether a uid contains only letters, digits, `-` and `_`. */
export const isUid = (uid: string): boolean => /^[A-Za-z0-9_-]+$/.test(uid);
