import { FormFields } from "@narthex/http";
import type { Clock } from "@narthex/runtime";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { authorizationOf, basicCredentials, TOKEN_USER } from "../auth/authenticators/authorization.ts";
import { LOGIN_PATH, PASSKEY_PATH } from "../auth/same-origin.ts";
import { clientNetwork } from "../web/client-address.ts";
import { pathParameter } from "../web/request-body.ts";
import type { AuditedEvent } from "./audit-record.ts";
import type { AuditLog } from "./audit-log.ts";
import { EventLimits } from "./event-limits.ts";
import { asRequest, originOf } from "./request-origin.ts";

interface RequestEventsOptions {
  readonly log: AuditLog;
  readonly clock: Clock;
  /**
   * Reports whether a user has this login or email address. Only known names are recorded, because an unknown name may
   * be a password.
   */
  readonly isKnownName: (name: string) => boolean;
}

/**
 * Adds hooks that attribute changes to the request that causes them, and that record refused requests and failed
 * sign-ins. Must be called before all other hooks are added.
 */
export function observeRequests(app: FastifyInstance, { log, clock, isKnownName }: RequestEventsOptions): void {
  const limits = new EventLimits();
  app.addHook("onRequest", (request, _reply, done) => asRequest(request, done));
  // Sets the origin of the request again, because the body arrives in events of the connection, which have no origin.
  app.addHook("preValidation", (request, _reply, done) => asRequest(request, done));
  app.addHook("onResponse", (request, reply, done) => {
    const event = eventOf(request, reply, isKnownName);
    if (event !== undefined) {
      const omitted = limits.admit(clientNetwork(request.clientAddress), clock.now());
      if (omitted !== undefined)
        void log.note(omitted === 0 ? event : { ...event, omitted }, originOf(request)).catch(() => undefined);
    }
    done();
  });
}

/** Route to which an OAuth provider sends the browser back. */
const PROVIDER_PATH = "/login/:provider";

/**
 * Returns the audit event of an answered request. The path is recorded as the route's pattern, without the values in
 * it.
 */
function eventOf(
  request: FastifyRequest,
  reply: FastifyReply,
  isKnownName: (name: string) => boolean,
): AuditedEvent | undefined {
  const { url = "", config } = request.routeOptions;
  const { statusCode } = reply;
  if (request.is404) return undefined;
  if (statusCode === 302 && url === PROVIDER_PATH && String(reply.getHeader("location")).includes("/login?error="))
    return { action: "sign-in-failed", kind: "session", uid: pathParameter(request, "provider") };
  if (statusCode === 401 && isSignIn(request)) {
    const name = nameIn(request);
    const isPasskey = url === PASSKEY_PATH;
    return {
      action: "sign-in-failed",
      kind: "session",
      ...(isPasskey ? { uid: "passkey" } : {}),
      ...(isKnownName(name) ? { name } : {}),
    };
  }
  if (statusCode === 403) {
    const { action = "" } = config;
    return {
      action: "refused",
      kind: "route",
      uid: `${request.method} ${url}`,
      ...(action === "" ? {} : { name: action }),
    };
  }
  return undefined;
}

/**
 * Reports whether a response with status 401 means wrong credentials. Credentials or a two-step code may also just be
 * missing.
 */
const isSignIn = ({ hasWrongCredentials, isCodeMissing, method, routeOptions: { url } }: FastifyRequest): boolean =>
  hasWrongCredentials === true ||
  (method === "POST" && isCodeMissing !== true && (url === LOGIN_PATH || url === PASSKEY_PATH));

/** Returns the user name in the body of a sign-in request; empty if it is missing. */
function nameIn(request: FastifyRequest): string {
  const basic = authorizationOf(request, "basic");
  if (basic !== undefined) {
    const [name = ""] = basicCredentials(basic) ?? [];
    return name === TOKEN_USER ? "" : name;
  }
  const { body } = request;
  if (request.routeOptions.url !== LOGIN_PATH || typeof body !== "object" || body === null) return "";
  const name: unknown = body instanceof FormFields ? body.get("user") : "user" in body ? body.user : "";
  return typeof name === "string" ? name : "";
}
