import crypto, { createHmac, pbkdf2, randomBytes, scrypt, type ScryptOptions, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";

/**
 * A stored password hash, with salt and hash in hex. New hashes are `argon2id`. Earlier versions used `scrypt`. Users
 * who were imported from Grafana have `pbkdf2`.
 */
export interface PasswordHash {
  readonly algorithm: Algorithm;
  readonly salt: string;
  readonly hash: string;
}

export type Algorithm = "argon2id" | "scrypt" | "pbkdf2";

const deriveScrypt = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt);
const derivePbkdf2 = promisify(pbkdf2);
// Node.js has argon2 since version 24.7, if it was built with OpenSSL 3.2 or newer.
const hasArgon2 = typeof crypto.argon2 === "function";

/** The algorithm of new hashes: argon2id, or scrypt if this Node.js has no argon2. */
export const BEST_ALGORITHM: Algorithm = hasArgon2 ? "argon2id" : "scrypt";

const BYTES = 32;
/** Parameters of argon2id that OWASP recommends: a hash takes 19 MiB (`memory` is in KiB) and about 35 ms. */
const ARGON2 = { parallelism: 1, memory: 19_456, passes: 2, tagLength: BYTES } as const;
/** Parameters of scrypt: a hash takes 16 MiB and about 50 ms. */
const SCRYPT: ScryptOptions = { N: 2 ** 14, r: 8, p: 1 };
const PBKDF2_ROUNDS = 10_000;
const PBKDF2_BYTES = 50;
/** Maximum length of a password, in characters. Hashing a longer one would cost too much time. */
const MAX_LENGTH = 1024;

/** Computes a hash on a thread of Node's thread pool. */
type Derive = (password: string, salt: string) => Promise<Buffer>;

const DERIVE: Readonly<Record<Algorithm, Derive>> = {
  async argon2id(message, salt) {
    if (!hasArgon2) {
      throw new Error("this Node.js cannot check passwords, because it has no argon2: install Node.js 24.7 or newer");
    }
    return promisify(crypto.argon2)("argon2id", { message, nonce: Buffer.from(salt, "hex"), ...ARGON2 });
  },
  scrypt: (password, salt) => deriveScrypt(password, Buffer.from(salt, "hex"), BYTES, SCRYPT),
  // The salt is passed as text, because Grafana's salt is not hex.
  pbkdf2: (password, salt) => derivePbkdf2(password, salt, PBKDF2_ROUNDS, PBKDF2_BYTES, "sha256"),
};

export async function hashPassword(password: string): Promise<PasswordHash> {
  const salt = randomBytes(16).toString("hex");
  const hash = await DERIVE[BEST_ALGORITHM](password, salt);
  return { algorithm: BEST_ALGORITHM, salt, hash: hash.toString("hex") };
}

/**
 * Reports whether a password matches a hash. Computes a hash with each algorithm of `all` and of `kept`, even if no
 * hash is stored. If `all` contains the algorithms of all stored passwords, the time reveals neither which users exist
 * nor how their passwords are stored.
 */
export async function isPassword(
  password: string,
  kept: PasswordHash | undefined,
  all: ReadonlySet<Algorithm> = new Set(),
): Promise<boolean> {
  if (password.length > MAX_LENGTH) return false;
  const { algorithm, salt, hash } = kept ?? NO_PASSWORD;
  const algorithms = [...new Set([algorithm, ...all])];
  const derived = await Promise.all(algorithms.map((one) => DERIVE[one](password, one === algorithm ? salt : NO_SALT)));
  const [found] = derived;
  const expected = Buffer.from(hash, "hex");
  return expected.length === found!.length && timingSafeEqual(expected, found!);
}

const NO_SALT = "00".repeat(16);

/** A hash that matches no password, for users without a password and for unknown users. */
const NO_PASSWORD: PasswordHash = { algorithm: BEST_ALGORITHM, salt: NO_SALT, hash: "" };

/** Returns a random password. */
export const newPassword = (): string => randomBytes(15).toString("base64url");

/** Returns why a user may not choose this password; undefined if the password is acceptable. */
export function passwordProblem(password: string, isStrict: boolean): string | undefined {
  if (password.length > MAX_LENGTH) return "Password is too long";
  if (!isStrict) return password.length < 4 ? "Password is missing or too short" : undefined;
  const kinds = [/\p{Ll}/u, /\p{Lu}/u, /\p{N}/u, /[^\p{L}\p{N}]/u];
  return password.length >= 12 && kinds.every((kind) => kind.test(password))
    ? undefined
    : "New password doesn't comply with the password policy: 12 characters, with capitals, small letters, digits and signs";
}

/**
 * A password of a user, and the network that has sent it. A correct password is remembered only for this network, so
 * that attempts from other networks are still counted.
 */
interface SentPassword {
  readonly password: string;
  readonly kept: PasswordHash;
  readonly sender: string;
}

/**
 * Time in ms for which a correct password is remembered. Without this, basic authentication would hash the password for
 * each request.
 */
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
