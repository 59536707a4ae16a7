import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@narthex/runtime";
import { memoryLogger } from "@narthex/runtime/testing";
import { hashSync } from "bcryptjs";
import { afterAll, expect, test } from "vitest";
import { ApiError } from "./api-error.ts";
import { sendSuccess, useEnvelope } from "./envelope.ts";
import { formValues } from "./params.ts";
import { createHttpServer, type HttpServer } from "./server.ts";
import { WebConfigError } from "./web-config.ts";

const folder = mkdtempSync(join(tmpdir(), "narthex-http-"));
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

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
        method: ["GET", "POST"],
        url: "/echo",
        handler: async (req, reply) =>
          sendSuccess(reply, { data: [...formValues(req)], warnings: Array.from({ length: 12 }, (_, i) => `w${i}`) }),
      });
      api.get("/label/:name/values", async (_request, reply) => sendSuccess(reply, { data: null }));
      api.get("/bad", async () => {
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

test("unknown paths are 404, known ones with another method 405 with Allow, as Go's servers answer", () =>
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

test("basic_auth_users closes every path, takes a changed file at the next request", () => {
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

test.skipIf(spawnSync("openssl", ["version"]).error !== undefined)("tls_server_config serves HTTPS", () => {
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

test.each([
  ["tls_server_confg: {}\n", /:1: field tls_server_confg not found/],
  [
    "tls_server_config:\n  cert_file: nowhere.pem\n  key_file: k.pem\n",
    /:2: cert_file: open .*nowhere\.pem: no such file or directory/,
  ],
  ["tls_server_config:\n  cert: x\n", /missing one of key or key_file/],
  ["basic_auth_users:\n  ann: plain\n", /:2: basic_auth_users: the value of "ann" is no bcrypt hash/],
  ["tls_server_config: [\n", /:\d+: yaml/],
])("a web config that cannot protect stops the start: %j", async (text, message) => {
  const path = file("broken.yml", text);
  const make = () => createHttpServer({ listen: [], webConfigFile: path, clock: systemClock, logger: memoryLogger() });
  await expect(make()).rejects.toThrow(WebConfigError);
  await expect(make()).rejects.toThrow(message);
});

test("a form too large, or of too many fields, is refused in words", () =>
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
