import { readBody } from "./http-poster.ts";
import { deliverOnce } from "../testing/open-receiver.ts";
import { writeFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { temporaryFolder } from "@narthex/runtime/testing";
import { expect, test } from "vitest";

async function unendingService(answer: (response: ServerResponse) => void) {
  const server = createServer((_request, response) => answer(response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    receiver: `{name: all, webhook_configs: [{url: 'http://127.0.0.1:${port}'}]}`,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

test("if the body of an answer is cut off, the status decides the outcome", async () => {
  await using service = await unendingService((response) => {
    response.writeHead(500, { "content-length": "100" }).write("part", () => response.destroy());
  });
  const reason = expect.stringMatching(/^unexpected status code 500/) as string;
  expect(await deliverOnce(service.receiver)).toEqual({ kind: "retry", failure: "serverError", reason });
});

test("1 KiB of an endless answer is reported, and the connection is not read further", async () => {
  await using service = await unendingService((response) => {
    response.writeHead(400);
    const more = (): void => void (response.destroyed || response.write("x".repeat(10_000), more));
    more();
  });
  const outcome = await deliverOnce(service.receiver);
  const reason = `unexpected status code 400: ${"x".repeat(1024 - "unexpected status code 400: …".length - 2)}…`;
  expect(outcome).toEqual({ kind: "rejected", failure: "clientError", reason });
});

test.each([
  [307, "POST /moved {"],
  [308, "POST /moved {"],
  [301, "GET /moved "],
  [302, "GET /moved "],
  [303, "GET /moved "],
])("a redirect by %s is followed, and who redirects is asked once", async (status, next) => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (piece: Buffer) => (body += piece.toString()));
    request.on("end", () => {
      const { "content-type": type, authorization } = request.headers;
      const begin = `${request.method} ${request.url} ${body.slice(0, 1)}`;
      asked.push([begin, String(type), String(authorization)].join("|"));
      if (request.url === "/hook") response.writeHead(status, { location: "/moved" }).end();
      else response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const withToken = "authorization: {credentials: secret}";
  const receiver = (more: string): string =>
    `{name: all, webhook_configs: [{url: 'http://127.0.0.1:${port}/hook', http_config: {${withToken}${more}}}]}`;
  expect(await deliverOnce(receiver(""))).toMatchObject({ kind: "sent" });
  const type = status >= 307 ? "application/json" : "undefined";
  expect(asked).toEqual(["POST /hook {|application/json|Bearer secret", `${next}|${type}|Bearer secret`]);
  expect(await deliverOnce(receiver(", follow_redirects: false"))).toMatchObject({ kind: "rejected" });
  expect(asked).toHaveLength(3);
  server.closeAllConnections();
  server.close();
});

test("credentials are not sent to another host, and a redirect loop ends", async () => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.headers.host?.split(":")[0]} ${String(request.headers.authorization)}`);
    const { port } = server.address() as AddressInfo;
    response.writeHead(307, { location: `http://127.0.0.2:${port}${request.url}` }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "0.0.0.0", resolve));
  const { port } = server.address() as AddressInfo;
  const receiver = `{name: all, webhook_configs: [{url: 'http://127.0.0.1:${port}/hook', http_config: {authorization: {credentials: secret}}}]}`;
  expect(await deliverOnce(receiver)).toMatchObject({ kind: "retry" });
  expect(asked).toEqual(["127.0.0.1 Bearer secret", ...Array.from({ length: 9 }, () => "127.0.0.2 undefined")]);
  server.closeAllConnections();
  server.close();
});

test("the pause that a service requests is reported", async () => {
  await using service = await unendingService((response) => void response.writeHead(429, { "Retry-After": "7" }).end());
  expect(await deliverOnce(service.receiver)).toMatchObject({ kind: "retry", retryAfterMs: 7000 });
});

test("the error of an unreachable service has Go's text, without the URL", async () => {
  const receiver = "{name: all, webhook_configs: [{url: 'http://127.0.0.1:1/hook'}]}";
  expect(await deliverOnce(receiver)).toMatchObject({
    kind: "retry",
    reason: expect.stringMatching(
      /^Post "<redacted>": dial tcp 127\.0\.0\.1:1: connect: connection refused$/,
    ) as string,
  });
});

test("parts of the request that a service repeats are reported without secrets", async () => {
  const server = createServer((request, response) => {
    const { authorization, "x-token": token } = request.headers;
    response.writeHead(400).end(`refused: POST ${request.url} by ${authorization}, token ${String(token)}`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const folder = temporaryFolder();
  writeFileSync(join(folder, "password"), "from a file");
  writeFileSync(join(folder, "token"), "token of a file");
  const http = `{basic_auth: {username: u, password_file: '${folder}/password'}, http_headers: {X-Token: {files: ['${folder}/token']}}}`;
  const url = `http://127.0.0.1:${port}/hook/{{ .CommonLabels.severity }}/abc`;
  const outcome = await deliverOnce(`{name: all, webhook_configs: [{url: '${url}', http_config: ${http}}]}`);
  expect(outcome).toMatchObject({
    reason: "unexpected status code 400: refused: POST <secret> by Basic <secret>, token <secret>",
  });
  server.close();
});

test("AWS' message about a signature is reported without the session token", async () => {
  const server = createServer((request, response) => {
    const { authorization, "x-amz-security-token": token } = request.headers;
    response.writeHead(403).end(`x-amz-security-token:${String(token)} ${authorization}`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const sns = `{api_url: 'http://127.0.0.1:${port}', sigv4: {region: r}, topic_arn: 'arn:aws:sns:r:1:t'}`;
  const env = {
    AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
    AWS_SECRET_ACCESS_KEY: "key of it",
    AWS_SESSION_TOKEN: "token of it",
  };
  const outcome = await deliverOnce(`{name: all, sns_configs: [${sns}]}`, { env });
  expect(outcome).toMatchObject({
    reason: "unexpected status code 403: x-amz-security-token:<secret> AWS4-HMAC-SHA256 <secret>",
  });
  server.close();
});

async function* bodyOf(chunks: Iterable<string>, fault?: Error): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield Buffer.from(chunk, "latin1");
  if (fault !== undefined) throw fault;
}

test("readBody() joins chunks, even within a code point", async () => {
  expect(await readBody(bodyOf(["a\xc3", "\xa9b"]), 100)).toBe("aéb");
});

test("readBody() of a body that is cut off returns the received part", async () => {
  expect(await readBody(bodyOf(["part"], new Error("cut")), 100)).toBe("part");
});

test("readBody() reads up to the limit, and drops the rest", async () => {
  let released = false;
  async function* endless(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) yield Buffer.alloc(7, "x");
    } finally {
      released = true;
    }
  }
  expect(await readBody(endless(), 20)).toBe("x".repeat(20));
  expect(released).toBe(true);
});
