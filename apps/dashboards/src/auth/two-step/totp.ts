import { Secret, TOTP } from "otpauth";

/** Time for which an authenticator app shows a code, seconds. */
const PERIOD = 30;
/** Length of a secret in bytes, as RFC 4226 recommends. */
const SECRET_BYTES = 20;

/** Returns a new random secret in base32. */
export const newSecret = (): string => new Secret({ size: SECRET_BYTES }).base32;

const totpOf = (secret: string, label = ""): TOTP =>
  new TOTP({
    issuer: "Narthex",
    label,
    secret: Secret.fromBase32(secret),
    algorithm: "SHA1",
    digits: 6,
    period: PERIOD,
  });

/** Returns the `otpauth:` address of a secret, which authenticator apps read from a QR code. */
export const secretUrl = (secret: string, label: string): string => totpOf(secret, label).toString();

/**
 * Returns the time step to which a code belongs, if it is the current, the previous or the next one. Returns undefined
 * for a wrong code.
 */
export function stepOf(secret: string, code: string, nowMs: number): number | undefined {
  const delta = totpOf(secret).validate({ token: code, timestamp: nowMs, window: 1 });
  return delta === null ? undefined : Math.floor(nowMs / 1000 / PERIOD) + delta;
}
