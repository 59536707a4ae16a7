import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { defaultHttpClient } from "@narthex/config";
import { expect, test } from "vitest";
import { createHttpClient } from "./http-client.ts";
import { type LookupAll, roundRobinLookup } from "./round-robin-lookup.ts";

const addresses = ["127.0.0.2", "127.0.0.3", "127.0.0.4"].map((address) => ({ address, family: 4 }));
const threeServers: LookupAll = (_name, _options, done) => done(null, addresses);

test("a connection uses one of the name's addresses", async () => {
  const server = createServer((request, response) => response.end(request.socket.localAddress));
  await new Promise<void>((resolve) => server.listen(0, "0.0.0.0", resolve));
  const drawn = [0.99, 0, 0.5];
  const ask = async (): Promise<string> => {
    const draw = drawn.shift()!;
    const client = await createHttpClient(defaultHttpClient, { lookup: roundRobinLookup(() => draw, threeServers) });
    const { port } = server.address() as AddressInfo;
    const answer = await client.request(`http://name.example:${port}/`);
    const text = await answer.body.text();
    await client.close();
    return text;
  };
  expect([await ask(), await ask(), await ask()]).toEqual(["127.0.0.4", "127.0.0.2", "127.0.0.3"]);
  await new Promise((resolve) => server.close(resolve));
});

test("a name that cannot be resolved fails the request", async () => {
  const unknown: LookupAll = (name, _options, done) =>
    done(Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: "ENOTFOUND" }), []);
  const client = await createHttpClient(defaultHttpClient, { lookup: roundRobinLookup(Math.random, unknown) });
  await expect(client.request("http://name.example:1/")).rejects.toThrow("ENOTFOUND");
  await client.close();
});
