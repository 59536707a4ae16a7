import type { Clock } from "@narthex/runtime";
import type { FastifyInstance } from "fastify";
import { BasicAuth } from "./basic-auth.ts";
import { plainError } from "../server/go-router.ts";
import { ANONYMOUS } from "../server/principal.ts";
import { sentToken } from "../sign-in/credentials-of.ts";
import type { WebConfig } from "./web-config.ts";
import type { WebConfigSource } from "./web-config-source.ts";

/**
 * Applies the web config to every route: rate limit, response headers and Basic authentication.
 * @param mayPass whether a later check decides about requests whose sender is not a user of the file
 */
export function guardRoutes(app: FastifyInstance, source: WebConfigSource, clock: Clock, mayPass = false): void {
  const auth = new BasicAuth();
  const bucket = new TokenBucket(clock);
  app.addHook("onRequest", async (request, reply) => {
    const config = source.current();
    if (config.rateLimit !== undefined && !bucket.take(config.rateLimit)) {
      return plainError(reply, 429, "Too Many Requests");
    }
    for (const [name, value] of config.headers) reply.header(name, value);
    const { access, scope } = request.routeOptions.config;
    if (config.users.size === 0 || access === "public" || (mayPass && scope === "open")) return undefined;
    // Makes the sender anonymous. A certificate alone is not enough if the file has users.
    if (mayPass) request.principal = ANONYMOUS;
    if (mayPass && sentToken(request.headers.authorization) !== undefined) return undefined;
    const user = await auth.userOf(request.headers.authorization, config.users, () => !reply.raw.destroyed);
    // Stops if the connection was closed while the password was compared. Later handlers must not run, because they
    // would wait for a close event that has already happened.
    if (reply.raw.destroyed) return reply.hijack();
    if (user === undefined && mayPass) return undefined;
    if (user === undefined) return plainError(reply.header("www-authenticate", "Basic"), 401, "Unauthorized");
    request.principal = { kind: "user", name: user };
    return undefined;
  });
  app.addHook("onClose", () => auth.stop());
}

/** A token bucket that gains one token per interval, up to `burst`. */
class TokenBucket {
  readonly #clock: Clock;
  #tokens = Infinity;
  #filledAt = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  take({ burst, intervalMs }: NonNullable<WebConfig["rateLimit"]>): boolean {
    const now = this.#clock.monotonic();
    this.#tokens = Math.min(burst, this.#tokens + (now - this.#filledAt) / intervalMs);
    this.#filledAt = now;
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}
