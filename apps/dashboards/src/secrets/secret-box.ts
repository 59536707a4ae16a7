import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes, timingSafeEqual } from "node:crypto";

const CIPHER = "aes-256-gcm";
export const KEY_BYTES = 32;
const IV_BYTES = 12;

/** Encrypts ("seals") and decrypts ("opens") the secrets in the stored state. */
export class SecretBox {
  #key: Buffer;
  #earlier: readonly Buffer[];

  /**
   * @param key the current key, with which secrets are encrypted, 32 bytes
   * @param earlier keys with which stored secrets may be encrypted
   */
  constructor(key: Buffer, ...earlier: readonly Buffer[]) {
    this.#key = key;
    this.#earlier = earlier;
  }

  /**
   * Sets the keys. Secrets are encrypted with the first key from now on. All previous keys can still decrypt secrets.
   */
  use([key, ...earlier]: readonly [Buffer, ...Buffer[]]): void {
    const before = [...earlier, this.#key, ...this.#earlier];
    this.#earlier = before.filter((one, i) => !one.equals(key) && before.findIndex((other) => other.equals(one)) === i);
    this.#key = key;
  }

  get keyCount(): number {
    return 1 + this.#earlier.length;
  }

  /**
   * Encrypts a secret.
   * @param owner the object to which the secret belongs; it can be decrypted only for the same owner
   */
  seal(secret: string, owner: string): string {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv(CIPHER, this.#key, iv).setAAD(Buffer.from(owner));
    const body = Buffer.concat([cipher.update(secret, "utf8"), cipher.final()]);
    return Buffer.concat([iv, cipher.getAuthTag(), body]).toString("base64");
  }

  /**
   * Decrypts a secret. Returns undefined if the secret was encrypted with an unknown key or for another owner, or is
   * damaged.
   */
  open(sealed: string, owner: string): string | undefined {
    for (const key of [this.#key, ...this.#earlier]) {
      const secret = opened(sealed, owner, key);
      if (secret !== undefined) return secret;
    }
    return undefined;
  }

  /** Reports whether a secret is encrypted with the current key. */
  isCurrent(sealed: string, owner: string): boolean {
    return opened(sealed, owner, this.#key) !== undefined;
  }

  /** Signs a text. Servers with the same key can check that one of them has issued the text. */
  sign(text: string, purpose: string): string {
    return signature(text, purpose, this.#key).toString("base64url");
  }

  /** Reports whether a signature of a text for this purpose is valid. */
  isSigned(text: string, purpose: string, given: string): boolean {
    const bytes = Buffer.from(given, "base64url");
    return [this.#key, ...this.#earlier].some((key) => {
      const wanted = signature(text, purpose, key);
      return bytes.length === wanted.length && timingSafeEqual(bytes, wanted);
    });
  }
}

/** Computes a signature. Each purpose has its own key, which is derived from the key that encrypts secrets. */
function signature(text: string, purpose: string, key: Buffer): Buffer {
  const derived = Buffer.from(hkdfSync("sha256", key, "", purpose, KEY_BYTES));
  return createHmac("sha256", derived).update(text).digest();
}

function opened(sealed: string, owner: string, key: Buffer): string | undefined {
  const bytes = Buffer.from(sealed, "base64");
  const tagEnd = IV_BYTES + 16;
  if (bytes.length < tagEnd) return undefined;
  try {
    const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, IV_BYTES))
      .setAAD(Buffer.from(owner))
      .setAuthTag(bytes.subarray(IV_BYTES, tagEnd));
    return Buffer.concat([decipher.update(bytes.subarray(tagEnd)), decipher.final()]).toString("utf8");
  } catch {
    // Tries the next key, because decryption fails with a wrong key.
    return undefined;
  }
}
