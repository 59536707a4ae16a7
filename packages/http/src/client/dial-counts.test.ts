import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { defaultHttpClient } from "@narthex/config";
import { expect, test } from "vitest";
import { DIAL_FAILURES, DialCounts, Dialers } from "./dial-counts.ts";
import { createHttpClient } from "./http-client.ts";

const countsOf = (counts: DialCounts) => ({
  attempted: counts.attempted,
  established: counts.established,
  closed: counts.closed,
  failed: DIAL_FAILURES.map((reason) => counts.failed(reason)).join(),
});

async function listening(): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = createServer((_request, response) => response.end("x"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const sink = { begin: () => undefined, write: () => undefined };

/** Waits several turns of the event loop, so that the release or end of a connection is reported. */
const turns = async (): Promise<void> => {
  for (let i = 0; i < 10; i++) await new Promise((resolve) => setImmediate(resolve));
};

test.each(["request", "download"] as const)(
  "a %s counts the connection that it opens, but not one that is already open",
  async (method) => {
    const counts = new DialCounts();
    const target = await listening();
    const client = await createHttpClient(defaultHttpClient, { dials: counts });
    const ask = async (url: string): Promise<void> => {
      if (method === "request") await (await client.request(url)).body.text();
      else await client.download!(url, {}, sink).answer;
    };
    expect(counts.isInUse).toBe(true);
    await ask(target.url);
    await turns();
    await ask(target.url);
    expect(countsOf(counts)).toEqual({ attempted: 1, established: 1, closed: 0, failed: "0,0,0,0" });
    await target.close();
    await turns();
    expect(countsOf(counts)).toEqual({ attempted: 1, established: 1, closed: 1, failed: "0,0,0,0" });
    await expect(ask(target.url)).rejects.toThrow();
    await turns();
    expect(countsOf(counts)).toEqual({ attempted: 2, established: 1, closed: 1, failed: "1,0,0,1" });
    await expect(ask("http://host.invalid:1/")).rejects.toThrow();
    await turns();
    expect(countsOf(counts)).toEqual({ attempted: 3, established: 1, closed: 1, failed: "1,1,0,1" });
    await client.close();
  },
);

test("counts are shared through their memory, and shown once there is a client", () => {
  const dialers = new Dialers();
  const counts = dialers.of("a");
  expect(dialers.of("a")).toBe(counts);
  expect(dialers.inUse()).toEqual([]);
  new DialCounts(counts.buffer).markInUse();
  expect(dialers.inUse()).toEqual([["a", counts]]);
});
