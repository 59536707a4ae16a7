import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { dataPathProblem, DataPathError } from "@narthex/runtime";
import type { Context } from "../context.ts";
import { PUBLIC_SECRET_KEY } from "../settings/setting-table.ts";

const CIPHER = "aes-256-gcm";
const KEY_BYTES = 32;
const IV_BYTES = 12;
const KEY_FILE = "secret.key";

/** Encrypts what the state keeps of secrets. */
export class SecretBox {
  readonly #key: Buffer;

  /** @param key 32 bytes */
  constructor(key: Buffer) {
    this.#key = key;
  }

  /** @param owner what the secret belongs to: it opens for the same alone */
  seal(secret: string, owner: string): string {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv(CIPHER, this.#key, iv).setAAD(Buffer.from(owner));
    const body = Buffer.concat([cipher.update(secret, "utf8"), cipher.final()]);
    return Buffer.concat([iv, cipher.getAuthTag(), body]).toString("base64");
  }

  /** Undefined where it was sealed with another key, for another owner, or is damaged. */
  open(sealed: string, owner: string): string | undefined {
    const bytes = Buffer.from(sealed, "base64");
    const tagEnd = IV_BYTES + 16;
    if (bytes.length < tagEnd) return undefined;
    try {
      const decipher = createDecipheriv(CIPHER, this.#key, bytes.subarray(0, IV_BYTES))
        .setAAD(Buffer.from(owner))
        .setAuthTag(bytes.subarray(IV_BYTES, tagEnd));
      return Buffer.concat([decipher.update(bytes.subarray(tagEnd)), decipher.final()]).toString("utf8");
    } catch {
      return undefined;
    }
  }
}

/**
 * The box under `security.secret_key`; where that is the one that everybody knows, under a key file in the folder of the
 * data, which is made at the first start. Throws DataPathError.
 */
export function openSecretBox({ settings, dataFolder, logger }: Context): SecretBox {
  const chosen = settings["security.secret_key"];
  if (chosen !== PUBLIC_SECRET_KEY && chosen !== "") {
    return new SecretBox(scryptSync(chosen, "narthex stored secrets", KEY_BYTES));
  }
  const file = join(dataFolder, KEY_FILE);
  try {
    writeFileSync(file, `${randomBytes(KEY_BYTES).toString("hex")}\n`, { mode: 0o600, flag: "wx" });
    logger.info("A key for stored secrets was made", { file });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") {
      throw new DataPathError(dataPathProblem(error, file, "paths.data"), { cause: error });
    }
  }
  const key = Buffer.from(readFileSync(file, "utf8").trim(), "hex");
  if (key.length !== KEY_BYTES) {
    throw new DataPathError(`${file} is no key of 64 hexadecimal digits; restore it, or move it away to begin anew`);
  }
  return new SecretBox(key);
}
