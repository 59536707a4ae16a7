import { randomBytes } from "node:crypto";

export { tokenDigest as codeDigest } from "../auth/tokens/token-text.ts";

/** Returns a random code of 256 bits for a link in a mail. Only its digest is stored. */
export const newCode = (): string => randomBytes(32).toString("base64url");
