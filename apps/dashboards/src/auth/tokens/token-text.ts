import { createHash, pbkdf2, randomInt } from "node:crypto";
import { promisify } from "node:util";
import { crc32 } from "node:zlib";

const PREFIX = "glsa_";
const SECRET_LENGTH = 32;
const CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const FORM = /^glsa_([0-9A-Za-z]{32})_([0-9a-f]{8})$/;

/** Returns a new random token in Grafana's form: `glsa_`, 32 random characters and a checksum. */
export function newToken(): string {
  const secret = Array.from({ length: SECRET_LENGTH }, () => CHARACTERS[randomInt(CHARACTERS.length)]).join("");
  return `${PREFIX}${secret}_${checksumOf(secret)}`;
}

/** Returns the checksum in a token: the CRC-32 of the text before it, in hex, with the lowest byte first. */
function checksumOf(secret: string): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(crc32(PREFIX + secret));
  return bytes.toString("hex");
}

/** Returns the digest under which a token is stored. A fast hash is enough, because tokens are random. */
export const tokenDigest = (token: string): string => createHash("sha256").update(token).digest("hex");

const derive = promisify(pbkdf2);

/**
 * Returns the digest under which Grafana stores a token, or an API key of earlier versions. Returns undefined for a
 * text of another form without computing a digest, which takes milliseconds.
 */
export async function grafanaTokenDigest(token: string): Promise<string | undefined> {
  const [secret, salt] = derivationOf(token) ?? [];
  if (secret === undefined || salt === undefined) return undefined;
  return (await derive(secret, salt, 10_000, 50, "sha256")).toString("hex");
}

/** Returns the secret and the salt from which Grafana computes the digest of a token or an API key. */
function derivationOf(token: string): readonly [secret: string, salt: string] | undefined {
  const [, secret = "", checksum = ""] = FORM.exec(token) ?? [];
  if (secret !== "") return checksumOf(secret) === checksum ? [secret, checksum] : undefined;
  const key = apiKeyParts(token);
  return key === undefined ? undefined : [key.secret, key.name];
}

/** Matches an API key of Grafana 8 and earlier: JSON in base64, which begins with `eyJrIjoi`. */
const API_KEY = /^eyJrIjoi[0-9A-Za-z+/]{1,2000}={0,2}$/;

/**
 * Returns the secret and the name in an API key of Grafana 8 or earlier. Returns undefined for a text of another form,
 * and for a key of another organization than the first.
 */
export function apiKeyParts(text: string): { readonly secret: string; readonly name: string } | undefined {
  if (!API_KEY.test(text)) return undefined;
  let found: unknown;
  try {
    found = JSON.parse(Buffer.from(text, "base64").toString("utf8"));
  } catch {
    return undefined;
  }
  if (typeof found !== "object" || found === null) return undefined;
  const { k: secret, n: name, id: organization } = found as Readonly<Record<string, unknown>>;
  if (typeof secret !== "string" || typeof name !== "string" || organization !== 1) return undefined;
  return secret === "" || name === "" ? undefined : { secret, name };
}

/** Maximum number of digests that are computed at the same time, and of texts that wait. */
const [MAX_AT_ONCE, MAX_WAITING] = [4, 100];

/**
 * Computes Grafana's digests for requests of unknown senders. The number of concurrent computations is limited: anyone
 * can send texts with a valid checksum, and each digest occupies a thread of Node's thread pool for milliseconds.
 */
export class GrafanaDigests {
  readonly #digest: typeof grafanaTokenDigest;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(digest = grafanaTokenDigest) {
    this.#digest = digest;
  }

  /**
   * Returns Grafana's digest of a text. Returns undefined if the text is not a token or API key, or if too many texts
   * wait.
   */
  async of(text: string): Promise<string | undefined> {
    if (this.#running < MAX_AT_ONCE) this.#running++;
    else if (this.#waiting.length < MAX_WAITING) await new Promise<void>((start) => void this.#waiting.push(start));
    else return undefined;
    try {
      return await this.#digest(text);
    } finally {
      // Gives the slot of this text to the next waiting text.
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }
}
