import { randomBytes } from "node:crypto";
import type { Clock } from "@narthex/runtime";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { SecretBox } from "../../secrets/secret-box.ts";
import { cookieOf, type SessionCookies } from "../sessions/cookies.ts";
import type { Challenge } from "./passkeys.ts";

/** Lifetime of a challenge, ms. */
export const CHALLENGE_LIFETIME_MS = 5 * 60_000;

const COOKIE = "narthex_passkey";

interface ChallengesParts {
  readonly box: SecretBox;
  readonly clock: Clock;
  readonly cookies: SessionCookies;
}

/**
 * The random texts that devices sign. The server does not keep them: a cookie of the browser contains the challenge with
 * a signature of the server. So requests for challenges take no memory, each instance accepts the challenges of the
 * others, and a challenge is refused in another browser.
 */
export class Challenges {
  readonly #parts: ChallengesParts;

  constructor(parts: ChallengesParts) {
    this.#parts = parts;
  }

  /**
   * Returns a new challenge, and stores it in the browser.
   * @param purpose the use for which the challenge is valid
   */
  begin(reply: FastifyReply, purpose: string): string {
    const { box, clock, cookies } = this.#parts;
    const challenge = randomBytes(32).toString("base64url");
    const text = `${Math.floor(clock.now()) + CHALLENGE_LIFETIME_MS}.${challenge}`;
    cookies.setFlow(reply, COOKIE, `${text}.${box.sign(text, purposeOf(purpose))}`, CHALLENGE_LIFETIME_MS / 1000);
    return challenge;
  }

  /** Returns the challenge in the browser's cookie, and removes the cookie. Undefined without a valid challenge. */
  take(request: FastifyRequest, reply: FastifyReply, purpose: string): Challenge | undefined {
    const { box, clock, cookies } = this.#parts;
    const cookie = cookieOf(request, COOKIE) ?? "";
    if (cookie === "") return undefined;
    cookies.setFlow(reply, COOKIE, "", 0);
    const [, time = "", text = "", signature = ""] = /^(\d{1,16})\.([\w-]{43})\.([\w-]{43})$/.exec(cookie) ?? [];
    // A cookie of another form has the time 0, and is therefore refused.
    const until = Number(time);
    if (!isCurrentAt(until, clock.now()) || !box.isSigned(`${time}.${text}`, purposeOf(purpose), signature))
      return undefined;
    return { text, until };
  }
}

/** Reports whether a challenge that ends at `until` is valid. If so, a server with the time `now` may have made it. */
export const isCurrentAt = (until: number, now: number): boolean => until > now && until <= now + CHALLENGE_LIFETIME_MS;

const purposeOf = (purpose: string): string => `passkey challenge for ${purpose}`;
