import fc from "fast-check";
import { expect, test } from "vitest";
import { Backoff, deliveryFromAnswer } from "./retry-policy.ts";

test("deliveryFromAnswer() retries at 5xx, at the given codes, and at a 429 with a pause", () =>
  fc.assert(
    fc.property(
      fc.integer({ min: 200, max: 599 }),
      fc.option(fc.nat(), { nil: undefined }),
      fc.array(fc.integer({ min: 400, max: 499 }), { maxLength: 2 }),
      (status, retryAfterMs, retryCodes) => {
        const isSent = status < 300;
        const isRetried =
          status >= 500 || retryCodes.includes(status) || (status === 429 && retryAfterMs !== undefined);
        const delivery = deliveryFromAnswer({ status, body: "", retryAfterMs }, retryCodes);
        expect(delivery.kind).toBe(isSent ? "sent" : isRetried ? "retry" : "rejected");
      },
    ),
  ));

test("pauses of Backoff grow by half from half a second to a minute, each randomised by half", () =>
  fc.assert(
    fc.property(fc.nat({ max: 30 }), fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), (times, random) => {
      const backoff = new Backoff(() => random);
      for (let i = 0; i < times; i++) backoff.grow();
      expect(backoff.pauseMs()).toBeCloseTo(Math.min(60_000, 500 * 1.5 ** times) * (0.5 + random), 6);
    }),
  ));
