import type { FastifyReply, FastifyRequest } from "fastify";
import { isObject } from "../../web/request-body.ts";
import { cookieOf, type SessionCookies } from "../sessions/cookies.ts";
import type { Flow } from "./oauth-provider.ts";

/** Name of the cookie that contains the state of an unfinished sign-in at a provider. */
const COOKIE = "oauth_state";

/** Stores the state of an unfinished sign-in in a cookie, so that only the same browser can complete it. */
export function rememberFlow(reply: FastifyReply, cookies: SessionCookies, flow: Flow, seconds: number): void {
  cookies.setFlow(reply, COOKIE, Buffer.from(JSON.stringify(flow)).toString("base64url"), seconds);
}

/**
 * Returns the state of the unfinished sign-in from the browser's cookie, and removes the cookie. Returns undefined
 * without a cookie.
 */
export function takeFlow(request: FastifyRequest, reply: FastifyReply, cookies: SessionCookies): Flow | undefined {
  const text = cookieOf(request, COOKIE) ?? "";
  cookies.setFlow(reply, COOKIE, "", 0);
  try {
    const flow: unknown = JSON.parse(Buffer.from(text, "base64url").toString("utf8"));
    if (!isObject(flow)) return undefined;
    const { key, state, nonce, verifier } = flow;
    const isWhole = [key, state, nonce, verifier].every((one) => typeof one === "string" && one !== "");
    return isWhole ? (flow as unknown as Flow) : undefined;
  } catch {
    return undefined;
  }
}
