import { Secret, TOTP } from "otpauth";

const PERIOD_MS = 30_000;

/** An app that shows the codes of a secret. Returns a new code with each call, because the server accepts each once. */
export function authenticatorApp(secret: string): () => string {
  const totp = new TOTP({ secret: Secret.fromBase32(secret) });
  let last = 0;
  return () => {
    // The server also accepts the code of the next 30 seconds.
    last = Math.max(last + 1, Math.floor(Date.now() / PERIOD_MS));
    return totp.generate({ timestamp: last * PERIOD_MS });
  };
}
