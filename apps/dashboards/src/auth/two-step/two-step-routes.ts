import type { Clock, Logger } from "@narthex/runtime";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { PublicAddress } from "../../web/public-address.ts";
import { type Refusal, refusal } from "../../web/refusal.ts";
import { bodyOfRequest, textAt } from "../../web/request-body.ts";
import type { Credentials } from "../credentials/credentials.ts";
import { recentSession, sessionOf } from "../sessions/recent-session.ts";
import { needs } from "../rights.ts";
import type { Sessions } from "../sessions/sessions.ts";
import { signedInUser } from "../users/user-of-request.ts";
import type { User, Users } from "../users/users.ts";
import { codeRefusal } from "./code-refusals.ts";
import type { TwoStep } from "./two-step.ts";

export interface TwoStepRoutesOptions {
  readonly users: Users;
  readonly credentials: Credentials;
  readonly sessions: Sessions;
  readonly twoStep: TwoStep;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly address: PublicAddress;
}

const URL = "/api/user/two-step";

/** Adds the routes with which users set up and remove their own two-step codes. */
export function twoStepRoutes(app: FastifyInstance, options: TwoStepRoutesOptions): void {
  const { users, credentials, sessions, twoStep, clock, logger, address } = options;
  const right = needs("signed-in");
  const userOf = (request: FastifyRequest): User => signedInUser(users, request);
  const codeIn = (request: FastifyRequest): string => textAt(bodyOfRequest(request), "code");
  /** Returns the user if the request contains a correct two-step code. Rejects with Refusal otherwise. */
  const proven = async (request: FastifyRequest): Promise<User> => {
    recentSession(request, clock);
    const user = userOf(request);
    if (!twoStep.isInForce(user.id)) throw notInForce();
    const outcome = await twoStep.take(user.id, codeIn(request));
    if (outcome.kind !== "accepted") {
      // A wrong code is logged, because someone who has stolen the session may be guessing codes.
      logger.warn("A two-step code of a signed-in user was refused", {
        user: user.login,
        address: request.clientAddress,
      });
      throw codeRefusal(400, outcome);
    }
    return user;
  };
  app.get(URL, right, (request) => {
    sessionOf(request);
    const { id } = userOf(request);
    return { enabled: twoStep.isInForce(id), recoveryCodesLeft: twoStep.recoveryCodesLeft(id) };
  });
  app.post(URL, right, async (request) => {
    recentSession(request, clock);
    const { id, login } = userOf(request);
    if (!signsInWithPassword(credentials, id)) throw noPassword();
    if (twoStep.isInForce(id)) throw inForce();
    const secret = await twoStep.begin(id);
    const { secretUrl } = await import("./totp.ts");
    return { secret, url: secretUrl(secret, `${login}@${address.host}`) };
  });
  app.post(`${URL}/confirm`, right, async (request) => {
    const session = recentSession(request, clock);
    const { id } = userOf(request);
    const endOthers = (): Promise<void> => sessions.endAll(id, session);
    const confirmed = await twoStep.confirm(id, codeIn(request), endOthers);
    if (confirmed === "in-force") throw inForce();
    if (confirmed === "wrong") throw codeRefusal(400, { kind: "wrong" });
    if (confirmed === "no-setup") throw refusal(400, "The setup of two-step codes took too long. Begin again");
    // Ends sessions that have begun without a code since the codes were turned on.
    await endOthers();
    return { recoveryCodes: confirmed };
  });
  app.post(`${URL}/recovery-codes`, right, async (request) => {
    const { id } = await proven(request);
    const recoveryCodes = await twoStep.renewRecoveryCodes(id);
    if (recoveryCodes === undefined) throw notInForce();
    return { recoveryCodes };
  });
  app.post(`${URL}/disable`, right, async (request) => {
    await twoStep.removeOf((await proven(request)).id);
    return { message: "Two-step codes are off" };
  });
}

/**
 * Reports whether a user signs in with a password, of this program or of a directory. Only such users have two-step
 * codes.
 */
const signsInWithPassword = (credentials: Credentials, userId: number): boolean =>
  credentials.passwordOf(userId) !== undefined ||
  credentials.externalOf(userId).some(({ provider }) => provider === "ldap");

const inForce = (): Refusal => refusal(409, "Your two-step codes are on already: turn them off first");
const notInForce = (): Refusal => refusal(409, "Your two-step codes are off");
const noPassword = (): Refusal =>
  refusal(
    403,
    "You cannot have two-step codes, because you sign in without a password: turn them on in the other system",
  );
