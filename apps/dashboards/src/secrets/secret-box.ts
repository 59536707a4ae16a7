import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes, timingSafeEqual } from "node:crypto";

const CIPHER = "aes-256-gcm";
export const KEY_BYTES = 32;
const IV_BYTES = 12;

/** Encrypts ("seals") and decrypts ("opens") the secrets in the stored state. */
export class SecretBox {
  #key: Buffer;
  #earlier: readonly Buffer[];

  /**
   * @param key key with which secrets are sealed, 32 bytes
   * @param earlier keys with which existing secrets may be sealed
   */
  constructor(key: Buffer, ...earlier: readonly Buffer[]) {
    this.#key = key;
    this.#earlier = earlier;
  }

  /** Sets the keys. The first key seals secrets from now on. All previous keys can still open secrets. */
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
   * @param owner the object that the secret belongs to; the secret can be opened only for the same owner
   */
  seal(secret: string, owner: string): string {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv(CIPHER, this.#key, iv).setAAD(Buffer.from(owner));
    const body = Buffer.concat([cipher.update(secret, "utf8"), cipher.final()]);
    return Buffer.concat([iv, cipher.getAuthTag(), body]).toString("base64");
  }

  /** Decrypts a secret. Returns undefined if it was sealed with an unknown key or for another owner, or is damaged. */
  open(sealed: string, owner: string): string | undefined {
    for (const key of [this.#key, ...this.#earlier]) {
      const secret = opened(sealed, owner, key);
      if (secret !== undefined) return secret;
    }
    return undefined;
  }

  /** Reports whether a secret is sealed with the current key. */
  isCurrent(sealed: string, owner: string): boolean {
    return opened(sealed, owner, this.#key) !== undefined;
  }

  /** Returns a signature of a text. With it, servers with the same key recognise texts that one of them has issued. */
  sign(text: string, purpose: string): string {
    return signature(text, purpose, this.#key).toString("base64url");
  }

  /** Reports whether a text was signed for this purpose. */
  isSigned(text: string, purpose: string, given: string): boolean {
    const bytes = Buffer.from(given, "base64url");
    return [this.#key, ...this.#earlier].some((key) => {
      const wanted = signature(text, purpose, key);
      return bytes.length === wanted.length && timingSafeEqual(bytes, wanted);
    });
  }
}

/** Signs with a key of its own for each purpose, which is derived from the key that seals secrets. */
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
    // Decryption fails if the secret was sealed with another key.
    return undefined;
  }
}
