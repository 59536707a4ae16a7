import type { Clock, Logger } from "@narthex/runtime";
import type { FastifyReply, FastifyRequest } from "fastify";
import { namedRefusal } from "../../web/refusal.ts";
import type { Body } from "../../web/request-body.ts";
import type { Credentials } from "../credentials/credentials.ts";
import {
  attemptOf,
  isKnownSender,
  type LoginAttempt,
  type LoginLimits,
  tooManyFailures,
} from "../passwords/login-limits.ts";
import type { Sessions } from "../sessions/sessions.ts";
import type { User, Users } from "../users/users.ts";
import type { Challenges } from "./challenges.ts";
import { mayHavePasskeys, type PasskeySite } from "./passkey-policy.ts";
import type { Passkeys } from "./passkeys.ts";
import { checkSignIn, credentialIdIn, PasskeyProblem, signInOptions } from "./webauthn.ts";

export interface PasskeySignInParts {
  readonly users: Users;
  readonly credentials: Credentials;
  readonly sessions: Sessions;
  readonly passkeys: Passkeys;
  readonly challenges: Challenges;
  readonly limits: LoginLimits;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Applies requests that the command line has left, such as a password reset. Rejects with StoreError. */
  readonly beforeLogin: () => Promise<void>;
}

const PURPOSE = "sign-in";
const REFUSED = "passkey.refused";

/** Creates a challenge for this browser, and returns the options for the browser's passkey dialog. */
export const beginSignIn = ({ challenges }: PasskeySignInParts, site: PasskeySite, reply: FastifyReply) =>
  signInOptions(site, challenges.begin(reply, PURPOSE));

/**
 * Returns the user to whom an accepted passkey belongs. Rejects with the same Refusal for each reason, because the
 * reason would show a stranger which passkeys exist. The log contains the reason.
 */
export async function finishSignIn(
  parts: PasskeySignInParts,
  site: PasskeySite,
  { body, request, reply }: { readonly body: Body; readonly request: FastifyRequest; readonly reply: FastifyReply },
): Promise<User> {
  const { limits, clock, logger, passkeys, users } = parts;
  await parts.beforeLogin();
  const credentialId = credentialIdIn(body);
  const owner = users.byId(passkeys.get(credentialId)?.userId ?? 0);
  // Failures are counted by passkey instead of by user name, because strangers do not know the id of a passkey.
  const attempt = attemptOf(`passkey ${credentialId}`, request, request.clientAddress);
  checkLimits(parts, attempt, owner);
  const challenge = parts.challenges.take(request, reply, PURPOSE);
  try {
    if (challenge === undefined) throw new PasskeyProblem("the browser has no valid challenge");
    const user = await acceptedUser(parts, site, { body, challenge, credentialId });
    await limits.succeeded(attempt);
    return user;
  } catch (error) {
    if (!(error instanceof PasskeyProblem)) throw error;
    const address = request.clientAddress;
    logger.warn("A sign-in with a passkey was refused", { reason: error.message, user: owner?.login ?? "", address });
    await limits.failed(attempt, clock.now());
    throw namedRefusal(401, REFUSED, "The passkey was not accepted");
  }
}

/** Returns the user of a passkey whose device has signed the challenge. Rejects with PasskeyProblem. */
async function acceptedUser(
  { users, credentials, passkeys }: PasskeySignInParts,
  site: PasskeySite,
  given: { readonly body: Body; readonly challenge: Parameters<Passkeys["use"]>[2]; readonly credentialId: string },
): Promise<User> {
  const { body, challenge, credentialId } = given;
  const passkey = passkeys.get(credentialId);
  if (passkey === undefined) throw new PasskeyProblem("the passkey is unknown");
  const user = users.byId(passkey.userId);
  if (user === undefined) throw new PasskeyProblem("the user was deleted");
  const counter = await checkSignIn(site, challenge.text, body, { passkey, user });
  const use = await passkeys.use(credentialId, counter, challenge);
  if (use !== "accepted") throw new PasskeyProblem(USE_PROBLEMS[use]);
  // Reads the user again, who may have been disabled while the signature was checked.
  const current = users.byId(passkey.userId);
  if (current === undefined || current.isDisabled) throw new PasskeyProblem("the user is disabled");
  if (!mayHavePasskeys(credentials, current.id)) throw new PasskeyProblem("the user has no password here any more");
  return current;
}

const USE_PROBLEMS = {
  unknown: "the passkey was deleted",
  "used-challenge": "the challenge was used already",
  "counter-went-back": "the counter of the passkey went back: the passkey may have been copied",
  "too-often": "the passkey was used too often within five minutes",
} as const;

function checkLimits(
  { limits, clock, sessions }: PasskeySignInParts,
  attempt: LoginAttempt,
  owner: User | undefined,
): void {
  const isKnown = (): boolean => owner !== undefined && isKnownSender(sessions.ofUser(owner.id), attempt);
  const wait = limits.waitMs(attempt, clock.now(), isKnown);
  if (wait > 0) throw namedRefusal(401, REFUSED, tooManyFailures(wait));
}
