import type { Clock } from "@narthex/runtime";
import type { FastifyRequest } from "fastify";
import { namedRefusal } from "../../web/refusal.ts";
import type { Session } from "./sessions.ts";

/** Time in ms after a sign-in during which users may change their credentials. */
const RECENT_MS = 15 * 60_000;

/**
 * Returns the session of a request. Throws Refusal for a request with a token or a password, because a stolen one could
 * add a credential that remains valid after the stolen one is replaced.
 */
export function sessionOf({ session }: FastifyRequest): Session {
  if (session !== undefined) return session;
  throw namedRefusal(403, "sign-in.no-session", "Sign in with a browser: tokens and passwords cannot use this");
}

/**
 * Returns the session of a request that changes the user's credentials. Throws Refusal if the session began too long
 * ago.
 */
export function recentSession(request: FastifyRequest, clock: Clock): Session {
  const session = sessionOf(request);
  const age = clock.now() - session.createdAt;
  if (age >= 0 && age <= RECENT_MS) return session;
  throw namedRefusal(
    403,
    "sign-in.not-recent",
    "Sign out and in again first, because this change needs a sign-in within the last 15 minutes",
  );
}
