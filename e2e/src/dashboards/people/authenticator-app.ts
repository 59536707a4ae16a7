import { Secret, TOTP } from "otpauth";

const PERIOD_MS = 30_000;

/**
 * Returns a simulated authenticator app. It returns a new code at each call, because the server accepts each code only
 * once.
 */
export function authenticatorApp(secret: string): () => string {
  const totp = new TOTP({ secret: Secret.fromBase32(secret) });
  let last = 0;
  return () => {
    // Uses the code of the next 30 seconds if the current one was used. The server accepts it too.
    last = Math.max(last + 1, Math.floor(Date.now() / PERIOD_MS));
    return totp.generate({ timestamp: last * PERIOD_MS });
  };
}
