import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { connect, type Socket } from "node:net";
import fc from "fast-check";
import { expect, onTestFinished, test, vi } from "vitest";
import { systemClock } from "../clock.ts";
import { memoryLogger } from "../testing/index.ts";
import { HttpListeners, type HttpListenersOptions, SERVER_OPTIONS } from "./http-listeners.ts";

type Handle = HttpListenersOptions["handle"];

const MEGABYTE = 1024 * 1024;

async function listening(
  handle: Handle,
  options: Partial<HttpListenersOptions> = {},
): Promise<{ readonly listeners: HttpListeners; readonly ports: readonly number[] }> {
  const listeners = new HttpListeners({
    places: [{ host: "127.0.0.1", port: 0 }],
    open: () => createServer(SERVER_OPTIONS),
    handle,
    clock: systemClock,
    logger: memoryLogger(),
    ...options,
  });
  const addresses = await listeners.start();
  onTestFinished(() => listeners.stop());
  return { listeners, ports: addresses.map((address) => Number(address.split(":")[1])) };
}

/** Opens a connection that reads only when the test reads from it. */
async function client(port: number, localAddress = "127.0.0.1"): Promise<Socket> {
  const socket = connect({ port, host: "127.0.0.1", localAddress }).pause();
  socket.on("error", () => {});
  onTestFinished(() => void socket.destroy());
  await once(socket, "connect");
  return socket;
}

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: here\r\n\r\n`;

/** Returns all data until the other side closes the connection. */
async function rest(socket: Socket): Promise<string> {
  let text = "";
  socket
    .setEncoding("latin1")
    .on("data", (piece: string) => (text += piece))
    .resume();
  await once(socket, "close");
  return text;
}

/**
 * Returns a handler whose answers have the length given in the path. Records the paths of all handled requests in
 * `begun`.
 */
const sized =
  (listeners: () => HttpListeners, begun: string[]): Handle =>
  (request, response) => {
    const path = request.url!;
    begun.push(path);
    const body = Buffer.alloc(Number(/\d+$/.exec(path)?.[0] ?? 2), "x");
    listeners().answers.charge(response, body.length);
    response.writeHead(200, { "content-length": body.length, answers: path }).end(body);
  };

test("a request begins when the previous answer on its connection was sent", async () => {
  const begun: string[] = [];
  const server = await listening(sized(() => server.listeners, begun));
  const socket = await client(server.ports[0]!);
  const paths = Array.from({ length: 8 }, (_, i) => `/${i}/${8 * MEGABYTE}`);
  socket.write(paths.map(get).join(""));
  // Answers on another connection show that the event loop has made several turns.
  const other = await client(server.ports[0]!);
  for (let i = 0; i < 20; i++) {
    other.write(get("/-/healthy"));
    await once(other.resume(), "data");
  }
  expect(begun.filter((path) => path !== "/-/healthy")).toEqual(paths.slice(0, 1));
  expect(server.listeners.answers.bytes).toBe(8 * MEGABYTE);
  let bytes = 0;
  socket.on("data", (piece) => (bytes += piece.length)).resume();
  await vi.waitFor(() => expect(bytes).toBeGreaterThan(8 * 8 * MEGABYTE));
  expect(begun.filter((path) => path !== "/-/healthy")).toEqual(paths);
  expect(server.listeners.answers.bytes).toBe(0);
});

test.each([
  ["/-/healthy", {}],
  ["/", { isHealthCheck: (url: string) => url === "/" }],
])("health by %s and other clients are answered while one reads none of its answers", async (health, options) => {
  const begun: string[] = [];
  const server = await listening(
    sized(() => server.listeners, begun),
    { ...options, answerBytes: 32 * MEGABYTE },
  );
  for (let i = 0; i < 20; i++) (await client(server.ports[0]!)).write(get(`/a/${16 * MEGABYTE}`));
  await vi.waitFor(() => expect(server.listeners.answers.hasRoom("127.0.0.1")).toBe(false));
  const other = await client(server.ports[0]!, "127.0.0.2");
  other.resume().write(get("/honest"));
  await once(other, "data");
  const same = await client(server.ports[0]!);
  same.resume().write(get(health));
  await once(same, "data");
  expect(begun).toEqual([`/a/${16 * MEGABYTE}`, "/honest", health]);
});

test("a client that reads nothing of its answer is disconnected when others wait for the memory", async () => {
  const begun: string[] = [];
  const server = await listening(
    sized(() => server.listeners, begun),
    { answerBytes: 32 * MEGABYTE, stalledMs: 200 },
  );
  const silent = await client(server.ports[0]!);
  silent.write(get(`/silent/${32 * MEGABYTE}`));
  await vi.waitFor(() => expect(begun).toHaveLength(1));
  const other = await client(server.ports[0]!, "127.0.0.2");
  other.resume().write(get("/honest"));
  await once(other, "data");
  expect((await rest(silent)).length).toBeLessThan(32 * MEGABYTE);
});

test("requests of any shape, split anywhere, are answered in order", async () => {
  const server = await listening((request: IncomingMessage, response: ServerResponse) => {
    const pieces: Buffer[] = [];
    request
      .on("data", (piece: Buffer) => pieces.push(piece))
      .on("end", () => {
        response.end(`${request.method} ${request.url} ${Buffer.concat(pieces).toString("base64")}\n`);
      });
  });
  const body = fc.oneof(
    fc.string({ maxLength: 40 }),
    fc.constantFrom("\r\n\r\n", "\r\n\r\nGET / HTTP/1.1\r\n\r\n", "x".repeat(200_000)),
  );
  const shape = fc.constantFrom("none", "length", "chunked");
  const requests = fc.array(fc.record({ shape, body }), { minLength: 1, maxLength: 12 });
  const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(requests, cuts, async (asked, shares) => {
      const bytes = Buffer.concat([
        ...asked.map(written),
        Buffer.from("GET /end HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"),
      ]);
      const socket = await client(server.ports[0]!);
      const answers = rest(socket);
      let from = 0;
      for (const to of [
        ...shares.map((share) => Math.floor(share * bytes.length)).sort((a, b) => a - b),
        bytes.length,
      ]) {
        await new Promise((resolve) => socket.write(bytes.subarray(from, to), resolve));
        from = to;
      }
      const expected = asked.map(({ shape: kind, body: sent }, i) =>
        kind === "none" ? `GET /${i} ` : `POST /${i} ${Buffer.from(sent).toString("base64")}`,
      );
      expect((await answers).match(/^(?:GET|POST) \/.*$/gm)).toEqual([...expected, "GET /end "]);
    }),
    { numRuns: 60 },
  );
});

function written({ shape, body }: { shape: string; body: string }, i: number): Buffer {
  const bytes = Buffer.from(body);
  const head = (headers: string): Buffer => Buffer.from(`POST /${i} HTTP/1.1\r\nHost: h\r\n${headers}\r\n\r\n`);
  if (shape === "none") return Buffer.from(get(`/${i}`));
  if (shape === "length") return Buffer.concat([head(`Content-Length: ${bytes.length}`), bytes]);
  const chunk = bytes.length === 0 ? [] : [Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from("\r\n")];
  return Buffer.concat([head("Transfer-Encoding: chunked"), ...chunk, Buffer.from("0\r\n\r\n")]);
}

test("the number of served connections is limited over all addresses, and the next is served when one closes", async () => {
  const begun: string[] = [];
  const place = { host: "127.0.0.1", port: 0 };
  const server = await listening(
    sized(() => server.listeners, begun),
    { places: [place, place], maxConnections: 2 },
  );
  const [first, second] = [await client(server.ports[0]!), await client(server.ports[1]!)];
  first.write(get("/first"));
  second.write(get("/second"));
  await vi.waitFor(() => expect(begun.toSorted()).toEqual(["/first", "/second"]));
  const third = await client(server.ports[0]!);
  third.write(get("/third"));
  const fourth = await client(server.ports[1]!);
  fourth.write(get("/fourth"));
  first.write(get("/again"));
  await vi.waitFor(() => expect(begun).toHaveLength(3));
  second.destroy();
  await vi.waitFor(() => expect(begun.slice(2)).toEqual(["/again", "/third"]));
  third.destroy();
  await vi.waitFor(() => expect(begun.at(-1)).toBe("/fourth"));
});

test("a waiting connection that closes no longer takes a place", async () => {
  const begun: string[] = [];
  const server = await listening(
    sized(() => server.listeners, begun),
    { maxConnections: 1 },
  );
  const first = await client(server.ports[0]!);
  first.write(get("/first"));
  await vi.waitFor(() => expect(begun).toEqual(["/first"]));
  const gone = await client(server.ports[0]!);
  gone.destroy();
  const next = await client(server.ports[0]!);
  next.write(get("/next"));
  first.destroy();
  await vi.waitFor(() => expect(begun).toEqual(["/first", "/next"]));
});

test("stop() completes running answers, closes idle and waiting connections, and disconnects clients that do not read", async () => {
  const begun: string[] = [];
  const server = await listening(
    sized(() => server.listeners, begun),
    { maxConnections: 3 },
  );
  const [idle, reading, silent] = [
    await client(server.ports[0]!),
    await client(server.ports[0]!),
    await client(server.ports[0]!),
  ];
  idle.resume().write(get("/idle"));
  await once(idle, "data");
  for (const socket of [reading, silent]) socket.write(get(`/a/${16 * MEGABYTE}`) + get("/never"));
  const waiting = await client(server.ports[0]!);
  await vi.waitFor(() => expect(begun).toHaveLength(3));
  const stopped = server.listeners.stop();
  const answer = rest(reading);
  await Promise.all([stopped, once(waiting.resume(), "close")]);
  expect((await rest(silent)).length).toBeLessThan(16 * MEGABYTE);
  expect((await answer).length).toBeGreaterThan(16 * MEGABYTE);
  expect(begun).not.toContain("/never");
});

test("stop() does not wait for the rest of a body that is not sent", async () => {
  const begun: string[] = [];
  const server = await listening((request, response) => {
    begun.push(request.url!);
    request.resume().on("end", () => response.end());
  });
  const socket = await client(server.ports[0]!);
  socket.resume().write("POST /half HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n12345");
  await vi.waitUntil(() => begun.length > 0);
  await server.listeners.stop();
});

test.each([
  ["GET /%zz HTTP/1.1\r\nHost: h\r\n\r\n", "400 Bad Request"],
  ["no request\r\n\r\n", "400 Bad Request"],
  ["GET / HTTP/1.1\r\n\r\n", "400 Bad Request: missing required Host header"],
  [`GET / HTTP/1.1\r\nHost: h\r\nx: ${"x".repeat(2 * MEGABYTE)}\r\n\r\n`, "431 Request Header Fields Too Large"],
])("what is no request is answered as Go does, behind the answers to requests before it: %#", async (line, status) => {
  const server = await listening((request, response) => {
    setImmediate(() => response.end(request.url));
  });
  const socket = await client(server.ports[0]!);
  const answers = rest(socket);
  socket.write(get("/before") + line);
  const [first, second] = (await answers).split(/(?=HTTP\/1\.1)/);
  expect(first).toContain("/before");
  expect(second).toBe(
    `HTTP/1.1 ${status}\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n${status}`,
  );
});

test("a body that is not HTTP is answered at once", async () => {
  const server = await listening((request, response) => {
    request.resume().on("end", () => response.end());
  });
  const socket = await client(server.ports[0]!);
  const answer = rest(socket);
  socket.write("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\nzz\r\n");
  expect(await answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
});

test("a connection that could not be accepted affects no other", async () => {
  const logger = memoryLogger();
  const node = createServer(SERVER_OPTIONS);
  const { ports } = await listening((_request, response) => response.end("ok"), { open: () => node, logger });
  node.emit("error", new Error("accept ENOBUFS"));
  const socket = await client(ports[0]!);
  socket.resume().write(get("/"));
  await once(socket, "data");
});

test("a request after a chunked body that is not read is answered", async () => {
  const { ports } = await listening((_request, response) => void response.end("answered"));
  const socket = await client(ports[0]!);
  const body = "\r\n\r\n".repeat(MEGABYTE / 4);
  socket.write("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
  socket.write(`${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`);
  socket.write("GET /behind HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  expect((await rest(socket)).match(/answered/g)).toHaveLength(2);
});

test("a chunked body that contains ends of heads is parsed in few pieces, and the request after it is answered", async () => {
  let pieces = 0;
  const bodies: number[] = [];
  const { ports } = await listening((request, response) => {
    let bytes = 0;
    request.on("data", (piece: Buffer) => {
      pieces++;
      bytes += piece.length;
    });
    request.once("end", () => {
      bodies.push(bytes);
      response.end("taken");
    });
    request.resume();
  });
  const socket = await client(ports[0]!);
  const body = "\r\n\r\n".repeat(MEGABYTE / 4);
  socket.write("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
  socket.write(`${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`);
  socket.write("GET /behind HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  const answers = await rest(socket);
  expect(answers.match(/taken/g)).toHaveLength(2);
  expect(bodies).toEqual([MEGABYTE, 0]);
  expect(pieces).toBeLessThan(2000);
});
