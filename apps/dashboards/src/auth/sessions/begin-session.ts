import type { FastifyReply, FastifyRequest } from "fastify";
import type { SessionCookies } from "./cookies.ts";
import type { Session, Sessions } from "./sessions.ts";
import type { User } from "../users/users.ts";

/** Starts a session for a user, and sends its cookies. Rejects with StoreError. */
export type BeginSession = (user: User, request: FastifyRequest, reply: FastifyReply) => Promise<Session>;

export const sessionBeginner =
  (sessions: Sessions, cookies: SessionCookies): BeginSession =>
  async (user, request, reply) => {
    const agent = request.headers["user-agent"] ?? "";
    const { session, newToken } = await sessions.begin(user.id, request.clientAddress, agent);
    cookies.set(reply, newToken, session, sessions);
    return session;
  };
