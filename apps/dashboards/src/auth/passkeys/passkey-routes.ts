import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Context } from "../../context.ts";
import { refusal } from "../../web/refusal.ts";
import { bodyOfRequest, objectAt, pathParameter, textAt } from "../../web/request-body.ts";
import type { BeginSession } from "../sessions/begin-session.ts";
import type { SessionCookies } from "../sessions/cookies.ts";
import { wantedPath } from "../sessions/login-routes.ts";
import { recentSession, sessionOf } from "../sessions/recent-session.ts";
import { needs } from "../rights.ts";
import { PASSKEY_OPTIONS_PATH, PASSKEY_PATH } from "../same-origin.ts";
import type { Session } from "../sessions/sessions.ts";
import { signedInUser } from "../users/user-of-request.ts";
import type { User } from "../users/users.ts";
import { mayHavePasskeys, noPasskeysForAccount, passkeysDisabled, type PasskeySite } from "./passkey-policy.ts";
import type { PasskeySignInParts } from "./passkey-sign-in.ts";
import type { Passkey } from "./passkeys.ts";

export interface PasskeyRoutesOptions extends PasskeySignInParts {
  readonly context: Context;
  readonly cookies: SessionCookies;
  readonly begin: BeginSession;
  /** The site for passkeys; undefined if passkeys are disabled. */
  readonly site: PasskeySite | undefined;
}

/** Maximum size of a request body with the response of a device, in bytes. */
const MAX_BYTES = 65_536;
/** Largest length of a passkey's name, in characters. */
const MAX_NAME = 100;

/** Adds the routes with which browsers sign in with a passkey. */
export function passkeySignInRoutes(app: FastifyInstance, options: PasskeyRoutesOptions): void {
  const { context, cookies, begin } = options;
  const right = { ...needs("none"), bodyLimit: MAX_BYTES };
  app.post(PASSKEY_OPTIONS_PATH, right, async (_request, reply) => {
    const site = enabledSite(options);
    const { beginSignIn } = await import("./passkey-sign-in.ts");
    return beginSignIn(options, site, reply);
  });
  app.post(PASSKEY_PATH, right, async (request, reply) => {
    const site = enabledSite(options);
    const body = bodyOfRequest(request);
    const { finishSignIn } = await import("./passkey-sign-in.ts");
    const user = await finishSignIn(options, site, { body, request, reply });
    const wanted = wantedPath(request);
    await begin(user, request, reply);
    cookies.remember(reply, "");
    return { message: "Logged in", redirectUrl: `${context.address.path}${wanted}` };
  });
}

/** Adds the routes with which users view, add and delete their own passkeys. */
export function passkeyRoutes(app: FastifyInstance, options: PasskeyRoutesOptions): void {
  const { users, credentials, passkeys, challenges, clock } = options;
  const userOf = (request: FastifyRequest): User => signedInUser(users, request);
  /** Returns the user who adds a passkey. Throws Refusal if the user may not have another passkey. */
  const registrantOf = (request: FastifyRequest): User => {
    const user = userOf(request);
    if (!mayHavePasskeys(credentials, user.id)) throw noPasskeysForAccount();
    passkeys.checkRoom(user.id);
    return user;
  };
  app.get("/api/user/passkeys", needs("signed-in"), (request) => {
    sessionOf(request);
    return passkeys.ofUser(userOf(request).id).map(viewOf);
  });
  app.post("/api/user/passkeys/options", { ...needs("signed-in"), bodyLimit: MAX_BYTES }, async (request, reply) => {
    const session = recentSession(request, clock);
    const site = enabledSite(options);
    const user = registrantOf(request);
    const { registrationOptions } = await import("./webauthn.ts");
    const challenge = challenges.begin(reply, registrationIn(session));
    return registrationOptions(site, challenge, user, passkeys.ofUser(user.id));
  });
  app.post("/api/user/passkeys", { ...needs("signed-in"), bodyLimit: MAX_BYTES }, async (request, reply) => {
    const session = recentSession(request, clock);
    const site = enabledSite(options);
    const user = registrantOf(request);
    const body = bodyOfRequest(request);
    const name = textAt(body, "name").trim() || "Passkey";
    if (name.length > MAX_NAME) throw refusal(400, `The name of a passkey has at most ${MAX_NAME} characters`);
    const challenge = challenges.take(request, reply, registrationIn(session));
    if (challenge === undefined)
      throw refusal(400, "Adding the passkey took too long, or began in another browser. Try again");
    const { checkRegistration, PasskeyProblem } = await import("./webauthn.ts");
    const made = await checkRegistration(site, challenge.text, objectAt(body, "response")).catch((error: unknown) => {
      if (error instanceof PasskeyProblem) throw refusal(400, `The passkey was not accepted: ${error.message}`);
      throw error;
    });
    return viewOf(await passkeys.add({ ...made, userId: user.id, name }));
  });
  app.delete("/api/user/passkeys/:id", needs("signed-in"), async (request) => {
    recentSession(request, clock);
    const isRemoved = await passkeys.remove(userOf(request).id, pathParameter(request, "id"));
    if (!isRemoved) throw refusal(404, "Passkey not found");
    return { message: "Passkey deleted" };
  });
}

/** Returns the site for passkeys. Throws Refusal if passkeys are disabled. */
function enabledSite({ site }: PasskeyRoutesOptions): PasskeySite {
  if (site === undefined) throw passkeysDisabled();
  return site;
}

const registrationIn = ({ id }: Session): string => `a registration in session ${id}`;

const viewOf = ({ credentialId, name, createdAt, lastUsedAt }: Passkey): object => ({
  id: credentialId,
  name,
  createdAt: new Date(createdAt).toISOString(),
  lastUsedAt: lastUsedAt === 0 ? null : new Date(lastUsedAt).toISOString(),
});
