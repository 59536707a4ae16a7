import { createHmac, pbkdf2, randomBytes, scrypt, type ScryptOptions, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";

/** A stored password; salt and hash in hex. `pbkdf2` is Grafana's format, which imported users have. */
export interface PasswordHash {
  readonly algorithm: "scrypt" | "pbkdf2";
  readonly salt: string;
  readonly hash: string;
}

const derive = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt);
const deriveOld = promisify(pbkdf2);

/** Parameters of scrypt: a hash takes 16 MiB and about 50 ms. */
const COST: ScryptOptions = { N: 2 ** 14, r: 8, p: 1 };
const BYTES = 32;
const OLD_ROUNDS = 10_000;
const OLD_BYTES = 50;
/** Largest length of a password, in characters. Hashing longer ones would cost too much. */
const MAX_LENGTH = 1024;

export async function hashPassword(password: string): Promise<PasswordHash> {
  const salt = randomBytes(16);
  const hash = await derive(password, salt, BYTES, COST);
  return { algorithm: "scrypt", salt: salt.toString("hex"), hash: hash.toString("hex") };
}

/**
 * Reports whether a password matches a hash. Both kinds of hash are always computed, even if no hash is stored. The
 * time therefore reveals neither which users exist nor how their passwords are stored.
 */
export async function isPassword(password: string, kept: PasswordHash | undefined): Promise<boolean> {
  if (password.length > MAX_LENGTH) return false;
  const { algorithm, salt, hash } = kept ?? NO_PASSWORD;
  const expected = Buffer.from(hash, "hex");
  const [found, old] = await Promise.all([
    derive(password, Buffer.from(salt, "hex"), BYTES, COST),
    deriveOld(password, salt, OLD_ROUNDS, OLD_BYTES, "sha256"),
  ]);
  const derived = algorithm === "scrypt" ? found : old;
  return expected.length === derived.length && timingSafeEqual(expected, derived);
}

/** A hash without a matching password, for accounts that have no password and for unknown users. */
export const NO_PASSWORD: PasswordHash = { algorithm: "scrypt", salt: "", hash: "" };

/** Returns a random password. */
export const newPassword = (): string => randomBytes(15).toString("base64url");

/** Returns the reason why a user cannot choose this password. Returns undefined if the password is acceptable. */
export function passwordProblem(password: string, isStrict: boolean): string | undefined {
  if (password.length > MAX_LENGTH) return "Password is too long";
  if (!isStrict) return password.length < 4 ? "Password is missing or too short" : undefined;
  const kinds = [/\p{Ll}/u, /\p{Lu}/u, /\p{N}/u, /[^\p{L}\p{N}]/u];
  return password.length >= 12 && kinds.every((kind) => kind.test(password))
    ? undefined
    : "New password doesn't comply with the password policy: 12 characters, with capitals, small letters, digits and signs";
}

/**
 * A password of a user, and the network that has sent it. The password is remembered only for this network, so that
 * attempts from other networks are still counted.
 */
interface SentPassword {
  readonly password: string;
  readonly kept: PasswordHash;
  readonly sender: string;
}

/** Time in ms for which a correct password is remembered. Basic authentication sends the password with each request. */
const KNOWN_MS = 60_000;
const MAX_KNOWN = 1000;

/** Recent correct passwords and their senders, stored as digests with a random key of this process. */
export class KnownPasswords {
  readonly #key = randomBytes(32);
  readonly #until = new Map<string, number>();

  #digest({ password, kept, sender }: SentPassword): string {
    const text = JSON.stringify([kept.hash, sender, password]);
    return createHmac("sha256", this.#key).update(text).digest("base64");
  }

  has(sent: SentPassword, nowMs: number): boolean {
    return (this.#until.get(this.#digest(sent)) ?? 0) > nowMs;
  }

  add(sent: SentPassword, nowMs: number): void {
    if (this.#until.size >= MAX_KNOWN) this.#until.clear();
    this.#until.set(this.#digest(sent), nowMs + KNOWN_MS);
  }
}
