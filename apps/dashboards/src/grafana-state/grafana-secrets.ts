import { createDecipheriv, pbkdf2Sync } from "node:crypto";

const SALT_BYTES = 8;
const KEY_BYTES = 32;
const ROUNDS = 10_000;
/** Delimiters at the start of an encrypted secret: `#` encloses the name of the key, `*` the name of the cipher. */
const [KEY_MARK, CIPHER_MARK] = ["#", "*"].map((mark) => mark.charCodeAt(0)) as [number, number];

/** Thrown if a secret cannot be decrypted. The message contains the reason. */
export class GrafanaSecretError extends Error {
  override readonly name = "GrafanaSecretError";
}

/**
 * Decrypts secrets in Grafana's database. A secret is encrypted either with `security.secret_key`, or with a data key
 * that is itself encrypted with `security.secret_key`.
 */
export class GrafanaSecrets {
  readonly #secretKey: Buffer;
  readonly #sealedKeys: ReadonlyMap<string, Uint8Array>;
  readonly #keys = new Map<string, Buffer>();

  /**
   * @param secretKey value of `security.secret_key`
   * @param sealedKeys the rows of `data_keys`: encrypted keys by name
   */
  constructor(secretKey: string, sealedKeys: ReadonlyMap<string, Uint8Array>) {
    this.#secretKey = Buffer.from(secretKey);
    this.#sealedKeys = sealedKeys;
  }

  /** Decrypts a secret. Throws GrafanaSecretError. */
  open(sealed: Uint8Array): Buffer {
    const { mark: name, rest } = marked(Buffer.from(sealed), KEY_MARK);
    return decrypted(rest, name === undefined ? this.#secretKey : this.#keyOf(name));
  }

  #keyOf(name: string): Buffer {
    const known = this.#keys.get(name);
    if (known !== undefined) return known;
    const sealed = this.#sealedKeys.get(name);
    if (sealed === undefined) throw new GrafanaSecretError(`there is no key ${JSON.stringify(name)} in data_keys`);
    const key = decrypted(Buffer.from(sealed), this.#secretKey);
    this.#keys.set(name, key);
    return key;
  }
}

/**
 * Splits off the base64 text between two delimiter bytes at the start. If the bytes do not start with the delimiter,
 * `rest` contains all bytes.
 */
function marked(bytes: Buffer, mark: number): { readonly mark: string | undefined; readonly rest: Buffer } {
  const end = bytes[0] === mark ? bytes.indexOf(mark, 1) : -1;
  if (end < 0) return { mark: undefined, rest: bytes };
  return { mark: Buffer.from(bytes.toString("latin1", 1, end), "base64").toString(), rest: bytes.subarray(end + 1) };
}

/** Decryption functions by the cipher's name, with the length of the initialization vector. */
const CIPHERS: ReadonlyMap<string, { readonly ivBytes: number; readonly decrypt: typeof decryptedCfb }> = new Map([
  ["aes-cfb", { ivBytes: 16, decrypt: decryptedCfb }],
  ["aes-gcm", { ivBytes: 12, decrypt: decryptedGcm }],
]);

function decrypted(bytes: Buffer, secret: Buffer): Buffer {
  const { mark: cipher = "", rest } = marked(bytes, CIPHER_MARK);
  const known = CIPHERS.get(cipher === "" ? "aes-cfb" : cipher);
  if (known === undefined) throw new GrafanaSecretError(`it is encrypted with ${cipher}, which is not supported`);
  const start = SALT_BYTES + known.ivBytes;
  if (rest.length < start) throw new GrafanaSecretError("it is cut off");
  const key = pbkdf2Sync(secret, rest.subarray(0, SALT_BYTES), ROUNDS, KEY_BYTES, "sha256");
  return known.decrypt(key, rest.subarray(SALT_BYTES, start), rest.subarray(start));
}

/** Decrypts with AES-CFB, which cannot detect a wrong key. */
function decryptedCfb(key: Buffer, iv: Buffer, body: Buffer): Buffer {
  const decipher = createDecipheriv("aes-256-cfb", key, iv);
  return Buffer.concat([decipher.update(body), decipher.final()]);
}

const TAG_BYTES = 16;

function decryptedGcm(key: Buffer, iv: Buffer, body: Buffer): Buffer {
  const end = body.length - TAG_BYTES;
  if (end < 0) throw new GrafanaSecretError("it is cut off");
  try {
    const decipher = createDecipheriv("aes-256-gcm", key, iv).setAuthTag(body.subarray(end));
    return Buffer.concat([decipher.update(body.subarray(0, end)), decipher.final()]);
  } catch (cause) {
    throw new GrafanaSecretError("it is encrypted with another key", { cause });
  }
}
