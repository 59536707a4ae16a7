import type { HttpClient } from "@narthex/http";
import { expect, test } from "vitest";
import { BodyCollector } from "./body-collector.ts";
import { BodyMemory } from "./fetch.ts";
import { ScrapeRequest } from "./scrape-request.ts";

/** Sends a request through a client whose connections are all reset. Returns how often the client sent the request. */
async function askedTimes(reusedConnection: boolean): Promise<number> {
  let asked = 0;
  const reset = (): Promise<never> => {
    asked++;
    const more = reusedConnection && asked === 1 ? { reusedConnection } : {};
    return Promise.reject(Object.assign(new Error("x"), { code: "ECONNRESET", ...more }));
  };
  const client: HttpClient = { request: reset, close: () => Promise.resolve() };
  const request = new ScrapeRequest(client, "https://a/", {}, "");
  const scrape = request.run(new BodyCollector(new BodyMemory(), 0, () => undefined));
  await expect(scrape).rejects.toThrow('Get "https://a/": read: connection reset by peer');
  return asked;
}

test("a request is repeated if an idle connection was reset, but not if a new one was", async () => {
  expect(await askedTimes(true)).toBe(2);
  expect(await askedTimes(false)).toBe(1);
});
