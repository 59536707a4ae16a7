import { randomBytes } from "node:crypto";
import { codeDigest } from "../../mail/one-time-code.ts";

/** The number of recovery codes of a user. */
const RECOVERY_CODES = 10;

const LETTERS = "abcdefghijklmnopqrstuvwxyz234567";
/** Number of groups in a recovery code, and of letters in a group. Together they have 100 random bits. */
const [GROUPS, GROUP_LENGTH] = [4, 5];

/** Returns new recovery codes: `k7dq2-…`. */
export const newRecoveryCodes = (): readonly string[] => Array.from({ length: RECOVERY_CODES }, newRecoveryCode);

function newRecoveryCode(): string {
  // Random letters. All letters are equally probable, because 256 is a multiple of 32.
  const letters = Array.from(randomBytes(GROUPS * GROUP_LENGTH), (byte) => LETTERS[byte % LETTERS.length]!);
  return Array.from({ length: GROUPS }, (_, i) =>
    letters.slice(i * GROUP_LENGTH, (i + 1) * GROUP_LENGTH).join(""),
  ).join("-");
}

/** Returns the digest of a recovery code as it is stored. Spaces, dashes and upper case are ignored. */
export const recoveryDigest = (code: string): string => codeDigest(plainCode(code));

/** Returns a code without the spaces and dashes that people type. */
export const plainCode = (code: string): string => code.slice(0, 200).replace(/[\s-]/g, "").toLowerCase();
