import { namedRefusal, type Refusal } from "../../web/refusal.ts";
import { inMinutes } from "../passwords/login-limits.ts";
import type { CodeOutcome } from "./two-step.ts";

const REQUIRED = "two-step.required";

/** Returns the refusal of a login with a correct password that still needs a two-step code. */
export const noCode = (): Refusal => namedRefusal(401, REQUIRED, "Enter the code of your authenticator app");

/** Reports whether a login was refused only because it contains no two-step code yet. */
export const isCodeMissing = (error: Refusal): boolean => error.body["messageId"] === REQUIRED;

/**
 * Returns the refusal of a correct password in a request that cannot contain a two-step code, as with basic
 * authentication.
 */
export const noCodeInBasic = (): Refusal =>
  namedRefusal(
    401,
    "two-step.no-basic",
    "This user signs in with a password and a code, so the password alone is not enough: use the token of a service account",
  );

/**
 * Returns the refusal of a wrong two-step code.
 * @param status 401 for a login; 400 for a signed-in user, whose session stays valid
 */
export function codeRefusal(status: 400 | 401, outcome: Exclude<CodeOutcome, { readonly kind: "accepted" }>): Refusal {
  if (outcome.kind === "wrong")
    return namedRefusal(status, "two-step.wrong-code", "The code is wrong, or was used already");
  return namedRefusal(
    status,
    "two-step.wrong-code",
    `There were too many wrong codes; try again in ${inMinutes(outcome.waitMs)}, or use a recovery code`,
  );
}
