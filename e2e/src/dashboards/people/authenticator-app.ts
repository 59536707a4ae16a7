import { Secret, TOTP } from "otpauth";

const PERIOD_MS = 30_000;

/**
 * Returns a simulated authenticator app. Each call returns a new one-time code, because the server accepts a code only
 * once.
 */
export function authenticatorApp(secret: string): () => string {
  const totp = new TOTP({ secret: Secret.fromBase32(secret) });
  let last = 0;
  return () => {
    // Uses the code of the next 30 seconds if the current code was used. The server accepts codes of the next period.
    last = Math.max(last + 1, Math.floor(Date.now() / PERIOD_MS));
    return totp.generate({ timestamp: last * PERIOD_MS });
  };
}
