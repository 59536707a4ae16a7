import { createHash, randomBytes } from "node:crypto";

/** Returns a random code of 256 bits for a link in a mail. Only its digest is stored. */
export const newCode = (): string => randomBytes(32).toString("base64url");

/** Returns the digest of a code. A fast hash suffices, because the code is random. */
export const codeDigest = (code: string): string => createHash("sha256").update(code).digest("hex");
