import type { Clock } from "@narthex/runtime";
import type { FastifyInstance } from "fastify";
import { BasicAuth } from "./basic-auth.ts";
import type { WebConfig, WebConfigSource } from "./web-config.ts";

/** Puts the web config in front of every route: rate limit, users, response headers. */
export function guardRoutes(app: FastifyInstance, source: WebConfigSource, clock: Clock): void {
  const auth = new BasicAuth();
  const bucket = new TokenBucket(clock);
  app.addHook("onRequest", async (request, reply) => {
    const config = source.current();
    for (const [name, value] of Object.entries(config.headers)) reply.header(name, value);
    if (config.rateLimit !== undefined && !bucket.take(config.rateLimit)) {
      return reply.code(429).header("content-type", "text/plain; charset=utf-8").send("Too Many Requests\n");
    }
    if (config.users.size > 0 && !(await auth.allows(request.headers.authorization, config.users))) {
      return reply
        .code(401)
        .header("www-authenticate", "Basic")
        .header("content-type", "text/plain; charset=utf-8")
        .send("Unauthorized\n");
    }
    return undefined;
  });
  app.addHook("onClose", () => auth.stop());
}

/** One token per interval, `burst` at most. */
class TokenBucket {
  readonly #clock: Clock;
  #tokens = Infinity;
  #filledAt = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  take({ burst, intervalMs }: NonNullable<WebConfig["rateLimit"]>): boolean {
    const now = this.#clock.monotonic();
    const gained = intervalMs === 0 ? Infinity : (now - this.#filledAt) / intervalMs;
    this.#tokens = Math.min(burst, this.#tokens + gained);
    this.#filledAt = now;
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}
