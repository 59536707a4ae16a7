import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { ManualClock, settle, temporaryFolder } from "@narthex/runtime/testing";
import { expect, onTestFinished, test } from "vitest";
import { describeFailure } from "./failure.ts";
import { Http1Connection, type OpenSocket } from "./http1-connection.ts";
import { Proxies } from "./proxies.ts";
import { ConnectionPool } from "./connection-pool.ts";

interface Peer {
  readonly url: string;
  /** Heads (request line and fields) of the requests that the server received. */
  readonly requests: string[];
  readonly sockets: Socket[];
}

/**
 * Starts a server that answers each request with the bytes that `answer` returns. If `answer` returns undefined, the
 * server closes the connection.
 */
async function serving(
  answer: (request: number, socket: Socket) => string | undefined,
  path?: string,
): Promise<Peer & { server: Server }> {
  const [requests, sockets]: [string[], Socket[]] = [[], []];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket
      .on("error", () => undefined)
      .on("data", (bytes) => {
        requests.push(bytes.toString("latin1"));
        const text = answer(requests.length, socket);
        if (text === undefined) socket.destroy();
        else socket.write(text);
      });
  });
  await new Promise<void>((resolve) =>
    path === undefined ? server.listen(0, "127.0.0.1", resolve) : server.listen(path, resolve),
  );
  onTestFinished(() => void server.close());
  onTestFinished(() => sockets.forEach((socket) => socket.destroy()));
  const port = path === undefined ? (server.address() as AddressInfo).port : 1;
  return { server, url: `http://127.0.0.1:${port}/metrics`, requests, sockets };
}

function client(clock = new ManualClock()) {
  const proxies = new Proxies({ proxyUrl: "", noProxy: "", proxyFromEnvironment: false });
  const direct = { connect: { rejectUnauthorized: true }, socketPath: "", proxies, connectFields: "" };
  const kept = new ConnectionPool({ clock, ...direct });
  onTestFinished(() => kept.close());
  const get = async (url: string, socketPath?: string): Promise<string | undefined> => {
    let body = "";
    const sink = {
      begin: () => undefined,
      write: (bytes: Buffer, from: number, to: number) => void (body += bytes.toString("latin1", from, to)),
    };
    const head = await kept.get(url, "Accept: */*\r\n", sink, socketPath).answer;
    return head === undefined ? undefined : `${head.statusText}: ${body}`;
  };
  return { kept, get };
}

const ok = (body: string, more = ""): string =>
  `HTTP/1.1 200 OK\r\n${more}Content-Length: ${body.length}\r\n\r\n${body}`;

test("get() sends path, Host and fields, and keeps the connection for the next request", async () => {
  const peer = await serving((n) => ok(`body ${n}`));
  const { get } = client();
  expect([await get(peer.url), await get(peer.url)]).toEqual(["200 OK: body 1", "200 OK: body 2"]);
  expect(peer.sockets).toHaveLength(1);
  const host = new URL(peer.url).host;
  expect(peer.requests[0]).toBe(`GET /metrics HTTP/1.1\r\nHost: ${host}\r\nAccept: */*\r\n\r\n`);
});

test("concurrent requests have a connection each", async () => {
  const peer = await serving((n) => ok(String(n)));
  const { get } = client();
  expect((await Promise.all([get(peer.url), get(peer.url)])).toSorted()).toEqual(["200 OK: 1", "200 OK: 2"]);
  expect(peer.sockets).toHaveLength(2);
});

test("an idle connection that was closed is replaced silently; a new one is not", async () => {
  const peer = await serving((n) => (n === 2 || n > 3 ? undefined : ok(String(n))));
  const { get } = client();
  expect([await get(peer.url), await get(peer.url)]).toEqual(["200 OK: 1", "200 OK: 3"]);
  await expect(get(peer.url)).rejects.toThrow("EOF");
});

test("an answer that is cut off after its first byte is not requested again", async () => {
  const peer = await serving((n, socket) => {
    if (n === 2) socket.end("HTTP/1.1 2");
    return n === 2 ? "" : ok(String(n));
  });
  const { get } = client();
  await get(peer.url);
  await expect(get(peer.url)).rejects.toThrow('malformed HTTP status code "2"');
  expect(peer.requests).toHaveLength(2);
});

test.each([
  ["asks for its end", ok("a", "Connection: close\r\n")],
  ["says more than was asked", `${ok("a")}HTTP/1.1 200 OK\r\n`],
])("a connection whose answer %s is not used again", async (_, answer) => {
  const peer = await serving(() => answer);
  const { get } = client();
  expect([await get(peer.url), await get(peer.url)]).toEqual(["200 OK: a", "200 OK: a"]);
  expect(peer.sockets).toHaveLength(2);
});

test("get() follows a redirect over an open connection", async () => {
  const peer = await serving((n) => (n === 1 ? "HTTP/1.1 301 Moved\r\nContent-Length: 3\r\n\r\nabc" : ok("there")));
  const { kept } = client();
  let body = "";
  const sink = {
    begin: () => void (body = ""),
    write: (bytes: Buffer, from: number, to: number) => void (body += bytes.toString("latin1", from, to)),
  };
  const next = { url: peer.url.replace("metrics", "next?a=b"), fields: "Accept: b\r\n" };
  const head = await kept.get(peer.url, "Accept: a\r\n", sink, "", ({ status }) => (status === 301 ? next : undefined))
    .answer;
  expect([head?.status, body]).toEqual([200, "there"]);
  const { host } = new URL(peer.url);
  expect(peer.requests).toEqual([
    `GET /metrics HTTP/1.1\r\nHost: ${host}\r\nAccept: a\r\n\r\n`,
    `GET /next?a=b HTTP/1.1\r\nHost: ${host}\r\nAccept: b\r\n\r\n`,
  ]);
  expect(peer.sockets).toHaveLength(1);
});

test("the error of a reset connection names its addresses", async () => {
  const peer = await serving((_, socket) => {
    socket.resetAndDestroy();
    return "";
  });
  await expect(client().get(peer.url)).rejects.toThrow(
    /^read tcp 127\.0\.0\.1:\d+->127\.0\.0\.1:\d+: read: connection reset by peer$/,
  );
});

test("the error of a TLS connection that is reset during the handshake names its addresses", async () => {
  const peer = await serving((_, socket) => {
    socket.resetAndDestroy();
    return "";
  });
  const port = Number(new URL(peer.url).port);
  const sent = (socket: Socket): void => {
    // Simulates a connection that the peer resets, which can happen as soon as the client hello is sent.
    Object.defineProperty(socket, "remotePort", { get: () => undefined });
  };
  const open: OpenSocket = (onread) => {
    const socket = connectTls(Object.assign({ host: "127.0.0.1", port }, { onread }));
    return socket.once("connect", () => sent(socket));
  };
  const connection = new Http1Connection(
    open,
    { event: "secureConnect", verify: () => undefined, toProxy: false },
    () => undefined,
  );
  await expect(connection.send("", { begin: () => undefined, write: () => undefined })).rejects.toThrow(
    new RegExp(`^read tcp 127\\.0\\.0\\.1:\\d+->127\\.0\\.0\\.1:${port}: read: connection reset by peer$`),
  );
});

test("cancel() ends the request with its reason at any time", async () => {
  const peer = await serving((n) => (n === 1 ? "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc" : ok("z")));
  const { kept, get } = client();
  let arrived: () => void = () => undefined;
  const body = new Promise<void>((resolve) => (arrived = resolve));
  const download = kept.get(peer.url, "", { begin: () => undefined, write: () => arrived() });
  await body;
  download.cancel(new Error("enough"));
  await expect(download.answer).rejects.toThrow("enough");
  expect(await get(peer.url)).toBe("200 OK: z");
  const early = kept.get(peer.url, "", { begin: () => undefined, write: () => undefined });
  early.cancel(new Error("too late"));
  await expect(early.answer).rejects.toThrow("too late");
});

test("an answer that is not HTTP fails with Go's message, and errors of the sink are passed on", async () => {
  const peer = await serving((n) => (n === 1 ? "hello\r\n\r\n" : ok("abc")));
  const { get, kept } = client();
  await expect(get(peer.url)).rejects.toThrow(
    'net/http: HTTP/1.x transport connection broken: malformed HTTP response "hello"',
  );
  const full = (): never => {
    throw new Error("full");
  };
  await expect(kept.get(peer.url, "", { begin: () => undefined, write: full }).answer).rejects.toThrow("full");
});

test("connections that are idle for five minutes are closed, and unexpected bytes close a connection", async () => {
  const clock = new ManualClock();
  const peer = await serving(() => ok("a"));
  const { get } = client(clock);
  await get(peer.url);
  const closed = new Promise((resolve) => peer.sockets[0]!.once("close", resolve));
  await clock.advance(4 * 60_000);
  expect(peer.sockets[0]!.destroyed).toBe(false);
  await clock.advance(2 * 60_000);
  await closed;
  await clock.advance(60_000);
  expect(clock.pending).toBe(0);
  await get(peer.url);
  const ended = new Promise((resolve) => peer.sockets[1]!.once("close", resolve));
  peer.sockets[1]!.write("HTTP/1.1 408 Request Timeout\r\n\r\n");
  await ended;
  expect(await get(peer.url)).toBe("200 OK: a");
});

test("a unix socket replaces the host", async () => {
  const folder = temporaryFolder();
  const path = join(folder, "app.sock");
  const peer = await serving(() => ok("a"), path);
  const { get } = client();
  expect(await get("http://app/metrics", path)).toBe("200 OK: a");
  expect(peer.requests[0]).toContain("\r\nHost: app\r\n");
  const missing = await get("http://app/metrics", join(folder, "none")).catch((error: unknown) => error);
  expect(describeFailure("GET", "http://app/metrics", missing)).toBe(
    `Get "http://app/metrics": dial unix ${join(folder, "none")}: connect: no such file or directory`,
  );
  await settle();
});
