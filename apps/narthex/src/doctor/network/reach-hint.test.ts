import { createServer } from "node:http";
import { createServer as createTcpServer, type AddressInfo } from "node:net";
import { defaultHttpClient, type HttpClientConfig, tlsSection } from "@narthex/config";
import { systemClock } from "@narthex/runtime";
import { ManualClock } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { ReachError } from "./network.ts";
import { reachHint } from "./reach-hint.ts";
import { networkOf } from "./this-network.ts";

test.each([
  ["dial tcp: lookup x: no such host", "getent hosts h"],
  ["dial tcp 1.2.3.4:5: connect: connection refused", "start the program that should listen"],
  ["dial tcp 1.2.3.4:5: i/o timeout", "firewall"],
  ["context deadline exceeded", "firewall"],
  ["http: server gave HTTP response to HTTPS client", "scheme: http"],
  ["EOF", "scheme: https"],
  ["tls: failed to verify certificate: x509: certificate signed by unknown authority", "ca_file"],
  ["dial tcp 1.2.3.4:5: connect: no route to host", "ip route get h"],
  ["something new", "log"],
])("reachHint(%j)", (reason, hint) => expect(reachHint(reason, "h")).toContain(hint));

test("the hint for a refused connection to this host explains localhost within a container", () =>
  expect(reachHint("connect: connection refused", "localhost")).toContain("localhost is the container itself"));

const network = networkOf(systemClock);
const OPTIONS = { client: defaultHttpClient, timeoutMs: 5000, maxBytes: 10 };

const failureOf = async (work: Promise<unknown>): Promise<ReachError> => {
  const failure = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(failure instanceof ReachError)) throw new Error(`not refused, but ${String(failure)}`);
  return failure;
};

test("get() reads a page up to its limit, connect() connects, and both report an unreachable host", async () => {
  const server = createServer((_, response) =>
    response.writeHead(200, { "content-type": "text/plain" }).end("x".repeat(100)),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const answer = await network.get(`http://127.0.0.1:${port}/`, OPTIONS);
  expect(answer).toMatchObject({ status: 200, contentType: "text/plain", isCut: true });
  await network.connect({ host: "127.0.0.1", port, tls: undefined }, 5000);
  const tls = await failureOf(network.connect({ host: "127.0.0.1", port, tls: tlsSection.empty() }, 5000));
  expect(tls.hint).toContain("does not use TLS");
  await new Promise((resolve) => server.close(resolve).closeAllConnections());
  expect((await failureOf(network.get(`http://127.0.0.1:${port}/`, OPTIONS))).message).toContain("connection refused");
  expect((await failureOf(network.connect({ host: "127.0.0.1", port, tls: undefined }, 5000))).message).toContain(
    "connection refused",
  );
});

test.each(["http://host:99999/metrics", "http://host:abc/metrics"])("get() cannot reach a host at %s", async (url) =>
  expect((await failureOf(network.get(url, OPTIONS))).message).toContain("not a URL"),
);

test("get() and connect() give up on a host that sends nothing", async () => {
  const server = createTcpServer(() => undefined);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const options = { ...OPTIONS, timeoutMs: 50 };
  expect((await failureOf(network.get(`http://127.0.0.1:${port}/`, options))).hint).toContain("firewall");
  const tls = tlsSection.empty();
  expect((await failureOf(network.connect({ host: "127.0.0.1", port, tls }, 50))).hint).toContain("firewall");
  server.close();
});

test("get() and connect() end at their deadline, whichever step takes too long", async () => {
  const server = createTcpServer(() => undefined);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const clock = new ManualClock();
  const manual = networkOf(clock);
  const oauth2 = {
    clientId: "x",
    clientSecret: undefined,
    clientSecretFile: "",
    tokenUrl: `http://127.0.0.1:${port}/token`,
  } as unknown as NonNullable<HttpClientConfig["oauth2"]>;
  const client = { ...defaultHttpClient, oauth2: { ...defaultHttpClient, ...oauth2, scopes: [], endpointParams: [] } };
  const url = `http://127.0.0.1:${port}/`;
  const token = failureOf(
    manual.get(url, { ...OPTIONS, timeoutMs: 60_000, client: client as unknown as HttpClientConfig }),
  );
  const tls = failureOf(manual.connect({ host: "127.0.0.1", port, tls: tlsSection.empty() }, 60_000));
  await clock.advance(60_000);
  expect((await token).message).toContain("context deadline exceeded");
  expect((await tls).message).toContain("i/o timeout");
  server.close();
});
