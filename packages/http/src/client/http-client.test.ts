import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createPlain } from "node:http";
import { createSecureServer } from "node:http2";
import { createServer as createTls } from "node:https";
import type { AddressInfo, Server } from "node:net";
import { join } from "node:path";
import { type HttpClientConfig, parsePrometheusConfig } from "@narthex/config";
import { temporaryFolder } from "@narthex/runtime/testing";
import { hasOpenssl } from "@narthex/tls/testing";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { createHttpClient, type HttpClient } from "./http-client.ts";

let folder = "";
beforeEach(() => void (folder = temporaryFolder()));

/** Parses YAML fields as the HTTP client settings of a scrape job. */
function section(fields: string): HttpClientConfig {
  const yaml = `scrape_configs:\n- job_name: a\n${fields.replace(/^/gm, "  ")}\n`;
  const parsed = parsePrometheusConfig(yaml, join(folder, "prometheus.yml"), {}, () => undefined);
  if (!parsed.ok) throw new Error(parsed.problems.map((problem) => problem.message).join("; "));
  return parsed.value.scrapeConfigs[0]!.httpClient;
}

async function client(fields: string): Promise<HttpClient> {
  const made = await createHttpClient(section(fields));
  onTestFinished(() => made.close());
  return made;
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

/** Downloads a URL and resolves with the body; with undefined if only request() can send the request. */
async function download({ download: get }: HttpClient, url: string): Promise<string | undefined> {
  let body = "";
  const write = (bytes: Buffer, from: number, to: number): void => void (body += bytes.toString("latin1", from, to));
  const head = await get!(url, { Accept: "*/*" }, { begin: () => undefined, write }).answer;
  return head === undefined ? undefined : body;
}

/** Starts a server that answers with the credentials of the request. */
const echo = (): Promise<number> =>
  listen(
    createPlain((request, response) => {
      response.end(`${request.headers.authorization ?? ""}|${String(request.headers["x-one"] ?? "")}`);
    }),
  );

test("download() sends inline credentials, and the current ones of a file", async () => {
  const port = await echo();
  const url = `http://127.0.0.1:${port}/`;
  expect(await download(await client("basic_auth: {username: u, password: p}"), url)).toBe(`Basic ${btoa("u:p")}|`);
  writeFileSync(join(folder, "token"), "first\n");
  writeFileSync(join(folder, "x"), "c\n");
  const fields = `authorization: {credentials_file: token}\nhttp_headers: {X-One: {values: [a], secrets: [b], files: [x]}}`;
  const reader = await client(fields);
  expect(await download(reader, url)).toBe("Bearer first|a, b, c");
  writeFileSync(join(folder, "token"), "other\n");
  expect(await download(reader, url)).toBe("Bearer other|a, b, c");
  rmSync(join(folder, "token"));
  await expect(download(reader, url)).rejects.toThrow(
    /^unable to read authorization credentials: unable to read file .*token: open .*token: no such file or directory$/,
  );
});

test("download() refuses a header value that contains a line break", async () => {
  const port = await echo();
  const sender = await client('http_headers: {X-One: {values: ["a\\r\\nX: y"]}}');
  await expect(download(sender, `http://127.0.0.1:${port}/`)).rejects.toThrow('invalid header field value for "X-One"');
});

test("a client behind a proxy that does not use HTTP has no download()", async () => {
  expect((await client("proxy_url: http://127.0.0.1:1")).download).toBeDefined();
  expect((await client("proxy_url: socks5://127.0.0.1:1")).download).toBeUndefined();
});

/** Returns key and self-signed certificate for localhost. */
function certificate(): { key: Buffer; cert: Buffer } {
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
  const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1"];
  execFileSync("openssl", ["req", "-x509", ...kind, ...subject, "-keyout", key, "-out", cert], { stdio: "ignore" });
  return { key: readFileSync(key), cert: readFileSync(cert) };
}

test.skipIf(!hasOpenssl())("download() uses TLS with the section's CA and keeps the connection", async () => {
  let connections = 0;
  const server = createTls(certificate(), (_, response) => response.end("x".repeat(200_000)));
  server.on("secureConnection", () => connections++);
  const url = `https://localhost:${await listen(server)}/`;
  const trusting = await client("tls_config: {ca_file: cert.pem}");
  for (let i = 0; i < 2; i++) expect(await download(trusting, url)).toHaveLength(200_000);
  expect(connections).toBe(1);
  await expect(download(await client(""), url)).rejects.toMatchObject({
    message: "tls: failed to verify certificate: x509: certificate signed by unknown authority",
  });
  expect(await download(await client("tls_config: {insecure_skip_verify: true}"), url)).toHaveLength(200_000);
});

test.skipIf(!hasOpenssl())("if the server chooses HTTP/2, download() leaves the request to request()", async () => {
  const server = createSecureServer({ ...certificate(), allowHTTP1: true }, (request, response) => {
    response.end(request.httpVersion);
  });
  const url = `https://localhost:${await listen(server)}/`;
  const both = await client("tls_config: {ca_file: cert.pem}");
  for (let i = 0; i < 2; i++) expect(await download(both, url)).toBeUndefined();
  expect(await (await both.request(url)).body.text()).toBe("2.0");
  expect(await download(await client("enable_http2: false\ntls_config: {ca_file: cert.pem}"), url)).toBe("1.1");
});

test("the error of request() says if an earlier request had opened the connection", async () => {
  let requests = 0;
  const server = createPlain((_, response) => {
    if (++requests === 2) response.socket!.resetAndDestroy();
    else response.end("x");
  });
  const url = `http://127.0.0.1:${await listen(server)}/`;
  const sender = await client("");
  await (await sender.request(url)).body.text();
  // Waits for the next turn of the event loop, because the connection becomes idle only then.
  await new Promise((resolve) => setImmediate(resolve));
  await expect(sender.request(url)).rejects.toMatchObject({ reusedConnection: true });
  requests = 1;
  const fresh = (await client("")).request(url).catch((error: unknown) => error as { reusedConnection?: boolean });
  expect(await fresh).toMatchObject({ code: expect.any(String) as string });
  expect(((await fresh) as { reusedConnection?: boolean }).reusedConnection).toBeUndefined();
});
