import { limitingMatchers, selectorOf } from "@narthex/http";
import type { Matcher } from "@narthex/model";
import type { FastifyRequest } from "fastify";
import { HandlerError } from "./api-fault.ts";

/**
 * Returns the login of the person or program that sends a request, if people sign in (`--web.sign-in-url`). Otherwise
 * returns the name that the client has sent.
 */
export const authorOf = ({ principal }: FastifyRequest, sent: string): string =>
  principal.identity === undefined ? sent : principal.name;

/**
 * Reports whether a silence concerns only alerts that the sender may read. For each label that limits the sender, the
 * silence must name one value that the limit accepts.
 */
export function isWithinLimit(request: FastifyRequest, matchers: readonly Matcher[]): boolean {
  return limitingMatchers(request).every((limit) =>
    matchers.some(({ type, name, value }) => type === "=" && name === limit.name && limit.matches(value)),
  );
}

/** Refuses a silence if it concerns alerts that the sender may not read. */
export function refuseBeyondLimit(request: FastifyRequest, matchers: readonly Matcher[]): void {
  if (isWithinLimit(request, matchers)) return;
  throw new HandlerError(
    403,
    `the silence concerns other alerts than ${selectorOf(limitingMatchers(request))}, which are all that you may read: add these labels to its matchers`,
  );
}
