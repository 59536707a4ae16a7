import { createPrivateKey, type KeyObject, randomUUID, sign } from "node:crypto";

/** Fields of a service account key, as the STACKIT portal creates it. */
export interface StackitKey {
  readonly kid: string;
  readonly iss: string;
  readonly sub: string;
  readonly aud: string;
  /** Private key in PEM. */
  readonly privateKey: string;
}

/** Error for a service account key that cannot be used. Its message does not contain the key. */
export class StackitKeyError extends Error {
  override readonly name = "StackitKeyError";
}

const LIFETIME_S = 3600;

/**
 * Returns the form with which STACKIT issues an access token for a service account: a JWT that is signed with the
 * account's key; https://docs.stackit.cloud/platform/access-and-identity/service-accounts.
 * @param now wall time, ms
 */
export function stackitTokenForm(key: StackitKey, now: number): URLSearchParams {
  const { kid, iss, sub, aud } = key;
  const iat = Math.floor(now / 1000);
  const header = encoded({ alg: "RS512", typ: "JWT", kid });
  const claims = encoded({ iss, sub, aud, jti: randomUUID(), iat, exp: iat + LIFETIME_S });
  const signature = sign("sha512", Buffer.from(`${header}.${claims}`), privateKeyOf(key));
  return new URLSearchParams({
    grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer",
    assertion: `${header}.${claims}.${signature.toString("base64url")}`,
  });
}

/** Reads the private key. The reason of a failure is not passed on, because it could contain a part of the key. */
function privateKeyOf({ privateKey }: StackitKey): KeyObject {
  let key: KeyObject | undefined;
  try {
    key = createPrivateKey(privateKey);
  } catch {
    throw new StackitKeyError("the private key of the STACKIT service account is not a key in PEM form");
  }
  if (key.asymmetricKeyType === "rsa") return key;
  throw new StackitKeyError("the private key of the STACKIT service account is not an RSA key");
}

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");

/**
 * Reads a service account key from its JSON text. The private key can be missing in it.
 * Throws StackitKeyError if the text is not a service account key.
 */
export function readStackitKey(text: string): StackitKey {
  let key: unknown;
  try {
    key = JSON.parse(text);
  } catch {
    throw new StackitKeyError("the STACKIT service account key is not JSON");
  }
  const credentials = fieldOf(key, "credentials");
  const [kid, iss, sub, aud] = ["kid", "iss", "sub", "aud"].map((name) => fieldOf(credentials, name));
  const privateKey = fieldOf(credentials, "privateKey") ?? "";
  const isText = (value: unknown): value is string => typeof value === "string";
  if (isText(kid) && isText(iss) && isText(sub) && isText(aud) && isText(privateKey))
    return { kid, iss, sub, aud, privateKey };
  throw new StackitKeyError("the STACKIT service account key lacks credentials with kid, iss, sub and aud");
}

const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
