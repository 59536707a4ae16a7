import type { Signer } from "./sigv4.ts";

/** Brings requests with a token that its source gives again for each, and keeps as long as it is good. */
export const bearerSigner =
  (token: () => Promise<string>): Signer =>
  async ({ headers }) => ({ ...headers, Authorization: `Bearer ${await token()}` });
