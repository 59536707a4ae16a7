import { createHmac, pbkdf2, randomBytes, scrypt, type ScryptOptions, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";

/** A password as it is kept; salt and hash in hex. `pbkdf2` is Grafana's own form, which imported users have. */
export interface PasswordHash {
  readonly algorithm: "scrypt" | "pbkdf2";
  readonly salt: string;
  readonly hash: string;
}

const derive = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt);
const deriveOld = promisify(pbkdf2);

/** 16 MiB and some 50 ms for each try. */
const COST: ScryptOptions = { N: 2 ** 14, r: 8, p: 1 };
const BYTES = 32;
const OLD_ROUNDS = 10_000;
const OLD_BYTES = 50;
/** Longer ones are no passwords, but work for the hash. */
const MAX_LENGTH = 1024;

export async function hashPassword(password: string): Promise<PasswordHash> {
  const salt = randomBytes(16);
  const hash = await derive(password, salt, BYTES, COST);
  return { algorithm: "scrypt", salt: salt.toString("hex"), hash: hash.toString("hex") };
}

export async function isPassword(password: string, { algorithm, salt, hash }: PasswordHash): Promise<boolean> {
  if (password.length > MAX_LENGTH) return false;
  const expected = Buffer.from(hash, "hex");
  const found =
    algorithm === "scrypt"
      ? await derive(password, Buffer.from(salt, "hex"), BYTES, COST)
      : await deriveOld(password, salt, OLD_ROUNDS, OLD_BYTES, "sha256");
  return expected.length === found.length && timingSafeEqual(expected, found);
}

/** A password that nobody chose. */
export const newPassword = (): string => randomBytes(15).toString("base64url");

/** What is wrong with a password that somebody chose; undefined where it may be one. */
export function passwordProblem(password: string, isStrict: boolean): string | undefined {
  if (password.length > MAX_LENGTH) return "Password is too long";
  if (!isStrict) return password.length < 4 ? "Password is missing or too short" : undefined;
  const kinds = [/\p{Ll}/u, /\p{Lu}/u, /\p{N}/u, /[^\p{L}\p{N}]/u];
  return password.length >= 12 && kinds.every((kind) => kind.test(password))
    ? undefined
    : "New password doesn't comply with the password policy: 12 characters, with capitals, small letters, digits and signs";
}

/** How long a password that was right is known to be, ms: Basic authentication sends it with each request. */
const KNOWN_MS = 60_000;
const MAX_KNOWN = 1000;

/** Passwords that were right a moment ago, as digests under a key of this process alone. */
export class KnownPasswords {
  readonly #key = randomBytes(32);
  readonly #until = new Map<string, number>();

  #digest(password: string, { hash }: PasswordHash): string {
    return createHmac("sha256", this.#key).update(hash).update("\0").update(password).digest("base64");
  }

  has(password: string, kept: PasswordHash, nowMs: number): boolean {
    return (this.#until.get(this.#digest(password, kept)) ?? 0) > nowMs;
  }

  add(password: string, kept: PasswordHash, nowMs: number): void {
    if (this.#until.size >= MAX_KNOWN) this.#until.clear();
    this.#until.set(this.#digest(password, kept), nowMs + KNOWN_MS);
  }
}
