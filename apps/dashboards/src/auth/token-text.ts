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

/** Returns the digest under which a token is stored. A token is random, so a fast digest protects it. */
export const tokenDigest = (token: string): string => createHash("sha256").update(token).digest("hex");

const derive = promisify(pbkdf2);

/**
 * Returns the digest under which Grafana stores a token. Returns undefined for a text that is not a token of Grafana's,
 * because a digest takes milliseconds.
 */
export async function grafanaTokenDigest(token: string): Promise<string | undefined> {
  const [, secret = "", checksum = ""] = FORM.exec(token) ?? [];
  if (secret === "" || checksumOf(secret) !== checksum) return undefined;
  return (await derive(secret, checksum, 10_000, 50, "sha256")).toString("hex");
}
