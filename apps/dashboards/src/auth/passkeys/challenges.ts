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
 * Random challenges that passkey devices sign. The server does not store them: the browser's cookie contains the
 * challenge, signed by the server. So challenges take no memory, all instances accept each other's challenges, and a
 * challenge is refused in another browser.
 */
export class Challenges {
  readonly #parts: ChallengesParts;

  constructor(parts: ChallengesParts) {
    this.#parts = parts;
  }

  /**
   * Creates a challenge, and stores it in a cookie of the browser.
   * @param purpose the use for which the challenge is valid
   */
  begin(reply: FastifyReply, purpose: string): string {
    const { box, clock, cookies } = this.#parts;
    const challenge = randomBytes(32).toString("base64url");
    const text = `${Math.floor(clock.now()) + CHALLENGE_LIFETIME_MS}.${challenge}`;
    cookies.setFlow(reply, COOKIE, `${text}.${box.sign(text, purposeOf(purpose))}`, CHALLENGE_LIFETIME_MS / 1000);
    return challenge;
  }

  /**
   * Returns the challenge in the browser's cookie, and removes the cookie. Returns undefined if there is no valid
   * challenge.
   */
  take(request: FastifyRequest, reply: FastifyReply, purpose: string): Challenge | undefined {
    const { box, clock, cookies } = this.#parts;
    const cookie = cookieOf(request, COOKIE) ?? "";
    if (cookie === "") return undefined;
    cookies.setFlow(reply, COOKIE, "", 0);
    const [, time = "", text = "", signature = ""] = /^(\d{1,16})\.([\w-]{43})\.([\w-]{43})$/.exec(cookie) ?? [];
    // The time is 0 for a malformed cookie, so that its challenge counts as expired.
    const until = Number(time);
    if (!isCurrentAt(until, clock.now()) || !box.isSigned(`${time}.${text}`, purposeOf(purpose), signature))
      return undefined;
    return { text, until };
  }
}

/**
 * Reports whether a challenge that expires at `until` is valid at `now`. A challenge that expires too far in the future
 * is not valid, because no server can have created it.
 */
export const isCurrentAt = (until: number, now: number): boolean => until > now && until <= now + CHALLENGE_LIFETIME_MS;

const purposeOf = (purpose: string): string => `passkey challenge for ${purpose}`;
