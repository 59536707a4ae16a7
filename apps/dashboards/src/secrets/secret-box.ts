import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { dataPathProblem, DataPathError } from "@narthex/runtime";
import { StoreError } from "@narthex/store";
import type { Context } from "../context.ts";
import { PUBLIC_SECRET_KEY } from "../settings/setting-table.ts";
import type { Stores } from "../state/stores.ts";

const CIPHER = "aes-256-gcm";
const KEY_BYTES = 32;
const IV_BYTES = 12;
const KEY_FILE = "secret.key";
/** The collection of the key that instances share, and its place there. */
const KEYS = "secret_keys";
const KEY = "stored secrets";

/** Encrypts what the state keeps of secrets. */
export class SecretBox {
  readonly #key: Buffer;
  readonly #earlier: readonly Buffer[];

  /**
   * @param key 32 bytes
   * @param earlier keys that secrets may have been sealed with before
   */
  constructor(key: Buffer, ...earlier: readonly Buffer[]) {
    this.#key = key;
    this.#earlier = earlier;
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
    for (const key of [this.#key, ...this.#earlier]) {
      try {
        const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, IV_BYTES))
          .setAAD(Buffer.from(owner))
          .setAuthTag(bytes.subarray(IV_BYTES, tagEnd));
        return Buffer.concat([decipher.update(bytes.subarray(tagEnd)), decipher.final()]).toString("utf8");
      } catch {
        // Sealed with another one.
      }
    }
    return undefined;
  }
}

/**
 * The box under `security.secret_key`. Where that is the one that everybody knows, under a key that is made at the first
 * start: in a file in the folder of the data or, for a database that instances share, in the database, so that each opens
 * what another has sealed. Rejects with DataPathError or StoreError.
 */
export async function openSecretBox(context: Context, stores: Stores): Promise<SecretBox> {
  const chosen = context.settings["security.secret_key"];
  if (chosen !== PUBLIC_SECRET_KEY && chosen !== "") {
    return new SecretBox(scryptSync(chosen, "narthex stored secrets", KEY_BYTES));
  }
  const file = join(context.dataFolder, KEY_FILE);
  if (!stores.isShared) return new SecretBox(keyOfFile(context, file));
  // Secrets may have been sealed with an instance's own key before they had one together.
  const own = existsSync(file) ? readKey(file) : undefined;
  const shared = await sharedKey(context, stores, own ?? randomBytes(KEY_BYTES));
  return own === undefined || own.equals(shared) ? new SecretBox(shared) : new SecretBox(shared, own);
}

/** The key of all instances: the one that there is, or that of whoever comes first. */
async function sharedKey({ logger }: Context, { store }: Stores, made: Buffer): Promise<Buffer> {
  const keys = store.collection(KEYS);
  const entry = { value: made.toString("hex"), expiresAt: Number.MAX_SAFE_INTEGER };
  const isFirst = await store.exchange([{ collection: KEYS, key: KEY, before: null, entry }]);
  if (isFirst) {
    logger.info("A key for stored secrets was made", {
      place: "the database",
      hint: "set security.secret_key on all instances to keep it apart from what it protects",
    });
    return made;
  }
  const key = Buffer.from((await keys.get(KEY))?.value ?? "", "hex");
  if (key.length !== KEY_BYTES) throw new StoreError(`the database's entry "${KEY}" of ${KEYS} is no key; restore it`);
  return key;
}

function keyOfFile({ logger }: Context, file: string): Buffer {
  try {
    writeFileSync(file, `${randomBytes(KEY_BYTES).toString("hex")}\n`, { mode: 0o600, flag: "wx" });
    logger.info("A key for stored secrets was made", { file });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") {
      throw new DataPathError(dataPathProblem(error, file, "paths.data"), { cause: error });
    }
  }
  return readKey(file);
}

/** Throws DataPathError. */
function readKey(file: string): Buffer {
  const key = Buffer.from(readFileSync(file, "utf8").trim(), "hex");
  if (key.length === KEY_BYTES) return key;
  throw new DataPathError(`${file} is no key of 64 hexadecimal digits; restore it, or move it away to begin anew`);
}
