import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { expect, onTestFinished, test } from "vitest";
import { DashboardsClient } from "./dashboards-client.ts";

async function clientOf(answers: Readonly<Record<string, readonly [number, string]>>) {
  const requests: (string | undefined)[][] = [];
  const server = createServer(({ url, headers }, response) => {
    requests.push([url, headers.authorization]);
    const [status, body] = answers[url!] ?? [404, ""];
    response.writeHead(status, { location: "/api/elsewhere" }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const options = { clock: new ManualClock(0), logger: memoryLogger() };
  const client = new DashboardsClient(`http://127.0.0.1:${port}/`, options);
  onTestFinished(async () => {
    await client.close();
    server.close();
  });
  const credentials = { authorization: "Bearer t" };
  return { requests, read: (path: string) => client.read(path, credentials, new AbortController().signal) };
}

test("the dashboards are read with the credentials of the sender, and redirects are not followed", async () => {
  const { requests, read } = await clientOf({ "/api/search?query=a": [200, '[{"uid":"x"}]'], "/api/moved": [302, ""] });
  expect(await read("/search?query=a")).toEqual([{ uid: "x" }]);
  await expect(read("/moved")).rejects.toThrow("the dashboards answered with the status 302");
  await expect(read("/gone")).rejects.toThrow("the dashboards answered with the status 404");
  expect(requests).toEqual([
    ["/api/search?query=a", "Bearer t"],
    ["/api/moved", "Bearer t"],
    ["/api/gone", "Bearer t"],
  ]);
});

test("a server without dashboards says how to know them", async () => {
  const client = new DashboardsClient("", { clock: new ManualClock(0), logger: memoryLogger() });
  await expect(client.read("/search", {}, new AbortController().signal)).rejects.toThrow("--web.sign-in-url");
});
