import { execFileSync } from "node:child_process";
import { utimesSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { connect } from "node:net";
import { Readable } from "node:stream";
import { join } from "node:path";
import { systemClock } from "@narthex/runtime";
import { memoryLogger, temporaryFolder } from "@narthex/runtime/testing";
import { hasOpenssl } from "@narthex/tls/testing";
import { hashSync } from "bcryptjs";
import { expect, onTestFinished, test, vi } from "vitest";
import { access } from "./access.ts";
import { ApiError } from "./api-error.ts";
import { BasicAuth } from "../web-config/basic-auth.ts";
import { sendSuccess, useEnvelope } from "./envelope.ts";
import { formValues } from "./params.ts";
import { createHttpServer, type HttpServer } from "./server.ts";

const folder = temporaryFolder();

const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

let largeAnswers = 0;
let streamed = { bytes: 0, hasEnded: false };

/** Yields half a gigabyte in pieces, and counts the bytes that the server has taken. */
async function* pieces(): AsyncGenerator<Uint8Array> {
  try {
    for (; streamed.bytes < 512 * 1024 * 1024; streamed.bytes += 65_536) yield new Uint8Array(65_536);
  } finally {
    streamed.hasEnded = true;
  }
}

async function serving(
  webConfigFile: string,
  work: (base: string, server: HttpServer) => Promise<void>,
): Promise<void> {
  const server = await createHttpServer({
    listen: ["127.0.0.1:0"],
    webConfigFile,
    clock: systemClock,
    logger: memoryLogger(),
  });
  await server.app.register(
    async (api) => {
      useEnvelope(api);
      api.route({
        ...access("read"),
        method: ["GET", "POST"],
        url: "/echo",
        handler: async (req, reply) =>
          sendSuccess(reply, { data: [...formValues(req)], warnings: Array.from({ length: 12 }, (_, i) => `w${i}`) }),
      });
      api.get("/label/:name/values", access("read"), async (_request, reply) => sendSuccess(reply, { data: null }));
      api.get("/large", access("read"), async (_request, reply) => {
        largeAnswers++;
        return reply.type("text/plain").send("x".repeat(16 * 1024 * 1024));
      });
      api.get("/stream", access("read"), (_request, reply) =>
        reply.send(Readable.from(pieces(), { objectMode: false })),
      );
      api.get("/bad", access("read"), async () => {
        throw new ApiError("execution", "a < b");
      });
    },
    { prefix: "/api/v1" },
  );
  const [address] = await server.start();
  try {
    await work(`${server.tls ? "https" : "http"}://${address!}`, server);
  } finally {
    await server.stop();
  }
}

test("the envelope merges body and URL parameters, limits notes, maps errors to statuses and null to 204", () =>
  serving("", async (base) => {
    const echo = await fetch(`${base}/api/v1/echo?a=url&b=2`, {
      method: "POST",
      body: new URLSearchParams({ a: "body" }),
    });
    expect(await echo.json()).toEqual({
      status: "success",
      data: [
        ["a", "body"],
        ["a", "url"],
        ["b", "2"],
      ],
      warnings: [...Array.from({ length: 10 }, (_, i) => `w${i}`), "2 more warning annotations omitted"],
    });
    const bad = await fetch(`${base}/api/v1/bad`);
    expect(bad.status).toBe(422);
    expect(await bad.text()).toBe('{"status":"error","errorType":"execution","error":"a \\u003c b"}');
    expect((await fetch(`${base}/api/v1/label/x/values`)).status).toBe(204);
  }));

test("unknown paths are 404, and known ones with another method are 405 with Allow, as in Go's servers", () =>
  serving("", async (base) => {
    const unknown = await fetch(`${base}/nope`);
    expect([unknown.status, await unknown.text()]).toEqual([404, "404 page not found\n"]);
    const wrong = await fetch(`${base}/api/v1/label/job/values`, { method: "DELETE" });
    expect([wrong.status, wrong.headers.get("allow"), await wrong.text()]).toEqual([
      405,
      "GET",
      "Method Not Allowed\n",
    ]);
  }));

test("basic_auth_users protects every path, and a changed file applies at the next request", () => {
  const path = file("users.yml", `basic_auth_users:\n  ann: ${hashSync("secret", 4)}\n`);
  return serving(path, async (base) => {
    const as = (user: string, password: string) =>
      fetch(`${base}/api/v1/echo`, { headers: { authorization: `Basic ${btoa(`${user}:${password}`)}` } });
    const closed = await fetch(`${base}/api/v1/echo`);
    expect([closed.status, closed.headers.get("www-authenticate"), await closed.text()]).toEqual([
      401,
      "Basic",
      "Unauthorized\n",
    ]);
    expect((await as("ann", "secret")).status).toBe(200);
    expect((await as("ann", "wrong")).status).toBe(401);
    expect((await as("bob", "secret")).status).toBe(401);
    file("users.yml", `basic_auth_users:\n  bob: ${hashSync("other", 4)}\n`);
    utimesSync(path, 1, 1);
    expect((await as("ann", "secret")).status).toBe(401);
    expect((await as("bob", "other")).status).toBe(200);
  });
});

test("a client that disconnects before its password is compared is not served", () => {
  const path = file("slow.yml", `basic_auth_users:\n  ann: ${hashSync("secret", 4)}\n`);
  return serving(path, async (base) => {
    const compared = Promise.withResolvers<string>();
    const userOf = vi.spyOn(BasicAuth.prototype, "userOf").mockReturnValueOnce(compared.promise);
    onTestFinished(() => userOf.mockRestore());
    const before = largeAnswers;
    const socket = connect(Number(new URL(base).port), "127.0.0.1");
    socket.write("GET /api/v1/large HTTP/1.1\r\nHost: h\r\n\r\n");
    const [, , isAwaited] = await vi.waitUntil(() => userOf.mock.calls[0]);
    socket.destroy();
    await vi.waitUntil(() => isAwaited?.() === false);
    compared.resolve("ann");
    const headers = { authorization: `Basic ${btoa("ann:secret")}` };
    expect((await fetch(`${base}/api/v1/echo`, { headers })).status).toBe(200);
    expect(largeAnswers).toBe(before);
  });
});

test.skipIf(!hasOpenssl())("tls_server_config serves HTTPS", () => {
  execFileSync(
    "openssl",
    [
      "req",
      "-x509",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:prime256v1",
      "-nodes",
      "-days",
      "1",
      "-subj",
      "/CN=localhost",
      "-keyout",
      join(folder, "key.pem"),
      "-out",
      join(folder, "cert.pem"),
    ],
    { stdio: "ignore" },
  );
  const path = file("tls.yml", "tls_server_config:\n  cert_file: cert.pem\n  key_file: key.pem\n");
  return serving(path, async (base) => {
    const status = await new Promise((resolve, reject) => {
      request(`${base}/api/v1/echo`, { rejectUnauthorized: false }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .once("error", reject)
        .end();
    });
    expect(status).toBe(200);
  });
});

test("a form that is too large or has too many fields is refused with a message", () =>
  serving("", async (base) => {
    const post = (body: string): Promise<Response> =>
      fetch(`${base}/api/v1/echo`, {
        method: "POST",
        body,
        headers: { "content-type": "application/x-www-form-urlencoded" },
      });
    const many = await post("a&".repeat(70_000));
    expect([many.status, await many.text()]).toEqual([400, expect.stringContaining("form has more than 65536 fields")]);
    const large = await post(`query=${"a".repeat(10 * 1024 * 1024)}`);
    expect([large.status, await large.text()]).toEqual([400, expect.stringContaining("too large")]);
  }));

test("a body that no route reads is not received", () =>
  serving("", async (base) => {
    const ask = (method: string, path: string): Promise<string> => {
      const socket = connect(Number(new URL(base).port), "127.0.0.1");
      // The body is never sent.
      socket.write(
        `${method} ${path} HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: 60000000\r\n\r\n[[`,
      );
      return new Promise((resolve, reject) => {
        socket.once("data", (bytes) => {
          resolve(String(bytes).split("\r\n")[0]!);
          socket.destroy();
        });
        socket.once("error", reject);
      });
    };
    expect(await ask("POST", "/nowhere")).toBe("HTTP/1.1 404 Not Found");
    expect(await ask("OPTIONS", "/api/v1/echo")).toBe("HTTP/1.1 405 Method Not Allowed");
    expect(await ask("POST", "/api/v1/echo")).toBe("HTTP/1.1 200 OK");
  }));

test("requests of a client wait while it does not read an earlier answer, and those of other clients do not", () =>
  serving("", async (base) => {
    largeAnswers = 0;
    const silent = connect(Number(new URL(base).port), "127.0.0.1").pause();
    silent.write("GET /api/v1/large HTTP/1.1\r\nHost: h\r\n\r\n".repeat(20));
    for (let i = 0; i < 10; i++) expect((await fetch(`${base}/api/v1/echo`)).status).toBe(200);
    expect(largeAnswers).toBe(1);
    silent.destroy();
  }));

test("a stream is read no faster than its client reads, and ends when the client disconnects", () =>
  serving("", async (base) => {
    streamed = { bytes: 0, hasEnded: false };
    const silent = connect(Number(new URL(base).port), "127.0.0.1").pause();
    silent.write("GET /api/v1/stream HTTP/1.1\r\nHost: h\r\n\r\n");
    let before = -1;
    // Waits until the kernel's socket buffers are full and the number of bytes stops growing.
    await vi.waitFor(() => {
      const isStill = streamed.bytes > 0 && streamed.bytes === before;
      before = streamed.bytes;
      expect(isStill).toBe(true);
    });
    expect(streamed.bytes).toBeLessThan(64 * 1024 * 1024);
    silent.destroy();
    await vi.waitFor(() => expect(streamed.hasEnded).toBe(true));
  }));

test("a request line with the server's own address is the same request, and requires the login", () => {
  const path = file("absolute.yml", `basic_auth_users:\n  ann: ${hashSync("secret", 4)}\n`);
  return serving(path, async (base) => {
    const answerTo = async (line: string, headers = ""): Promise<string> => {
      const socket = connect(Number(new URL(base).port), "127.0.0.1").setEncoding("utf8");
      socket.write(`GET ${line} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n${headers}\r\n`);
      let text = "";
      for await (const piece of socket) text += piece as string;
      return text.split("\r\n", 1)[0]!;
    };
    const login = `Authorization: Basic ${btoa("ann:secret")}\r\n`;
    expect(await answerTo("http://elsewhere/api/v1/echo?a=1", login)).toBe("HTTP/1.1 200 OK");
    expect(await answerTo("http://elsewhere/api/v1/echo")).toBe("HTTP/1.1 401 Unauthorized");
    expect(await answerTo("/%zz")).toBe("HTTP/1.1 400 Bad Request");
  });
});

test("the log of a failed request contains no query, and the route instead of a path with a code", async () => {
  const logger = memoryLogger();
  const server = await createHttpServer({ listen: ["127.0.0.1:0"], webConfigFile: "", clock: systemClock, logger });
  for (const url of ["/broken/:uid", "/invite/:code"]) {
    server.app.get(url, access("read"), async () => {
      throw new Error("broken");
    });
  }
  const [address] = await server.start();
  onTestFinished(() => server.stop());
  for (const path of ["/broken/a?auth_token=SECRET&query=up", "/invite/SECRET?x=1"])
    expect((await fetch(`http://${address!}${path}`)).status).toBe(500);
  const lines = logger.lines.filter(({ message }) => message === "Request failed");
  expect(lines.map(({ fields }) => fields["path"])).toEqual(["/broken/a", "/invite/:code"]);
  expect(JSON.stringify(logger.lines)).not.toContain("SECRET");
});
