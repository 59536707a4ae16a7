import { Secret } from "@narthex/config";
import { systemClock } from "@narthex/runtime";
import { expect, test } from "vitest";
import { RateLimits } from "./http/rate-limits.ts";
import { openIntegration } from "./open-integration.ts";
import { Renderer } from "./templates/renderer.ts";
import { NOTIFICATION, TOOLS } from "./testing/open-receiver.ts";

test("an error that a sender throws is tried again, and reported without the secrets of its configuration", async () => {
  const config = {
    sendResolved: true,
    place: { line: 1, column: 1 },
    url: new Secret("https://hooks.example/T000/B000"),
  };
  const kind = {
    kind: "webhook",
    open: async () => ({
      send: async () => {
        throw new TypeError(`cannot parse ${config.url.reveal()}`);
      },
      close: async () => undefined,
    }),
  };
  const rateLimits = new RateLimits(systemClock);
  const tools = { ...TOOLS, clock: systemClock, env: {}, rateLimits };
  const renderer = Renderer.load([], () => 0);
  const integration = await openIntegration({ kind, index: 0, config }, { tools, renderer });
  const delivery = await integration.deliver(NOTIFICATION, new AbortController().signal);
  expect(delivery).toEqual({ kind: "retry", reason: "cannot parse <secret>", failure: "other" });
});
