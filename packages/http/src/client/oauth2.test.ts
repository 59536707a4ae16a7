import { rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type HttpClientConfig, parsePrometheusConfig } from "@narthex/config";
import { ManualClock, temporaryFolder } from "@narthex/runtime/testing";
import { expect, onTestFinished, test } from "vitest";
import { createHttpClient, type ExchangeClient } from "./http-client.ts";

/** Starts a token server, and creates a client whose configuration uses this token server. */
async function setUp(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  secret: string = "client_secret: b",
) {
  let asked = 0;
  let onRequest: () => void = () => undefined;
  const server = createServer((request, response) => {
    if (request.url !== "/token")
      return response.end(request.headers.authorization === "Bearer t" ? "ok" : request.headers.authorization);
    asked++;
    onRequest();
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const clock = new ManualClock(1_700_000_000_000);
  const client = await createHttpClient(section(`${url}/token`, secret), { clock });
  onTestFinished(() => client.close());
  const isAsked = new Promise<void>((resolve) => (onRequest = resolve));
  return { url, clock, client, isAsked, asked: () => asked };
}

function section(tokenUrl: string, secret: string): HttpClientConfig {
  const fields = `oauth2: {client_id: a, ${secret}, token_url: "${tokenUrl}"}`;
  const parsed = parsePrometheusConfig(`scrape_configs: [{job_name: a, ${fields}}]`, "p.yml", {}, () => undefined);
  if (!parsed.ok) throw new Error("not valid");
  return parsed.value.scrapeConfigs[0]!.httpClient;
}

const SINK = { begin: () => undefined, write: () => undefined };
const ask = async (client: ExchangeClient, url: string): Promise<string> => (await client.request(url)).body.text();
const answerToken = (_: unknown, response: ServerResponse): void =>
  void response.end('{"access_token": "t", "expires_in": 60}');

test("concurrent requests share one fetch of a token, and one new fetch when it expires", async () => {
  const { client, url, clock, asked } = await setUp(answerToken);
  const several = (): Promise<string[]> => Promise.all(Array.from({ length: 5 }, () => ask(client, url)));
  expect(await several()).toEqual(["ok", "ok", "ok", "ok", "ok"]);
  expect(asked()).toBe(1);
  await clock.advance(51_000);
  await several();
  expect(asked()).toBe(2);
});

test("a changed client_secret_file takes effect at the next request, although the token is still valid", async () => {
  const folder = temporaryFolder();
  const file = join(folder, "secret");
  writeFileSync(file, "first\n");
  const answer = ({ headers }: IncomingMessage, response: ServerResponse): void =>
    void response.end(
      JSON.stringify({ access_token: Buffer.from(headers.authorization!.slice(6), "base64").toString() }),
    );
  const { client, url, asked } = await setUp(answer, `client_secret_file: "${file}"`);
  const several = (): Promise<string[]> => Promise.all(Array.from({ length: 3 }, () => ask(client, url)));
  for (const secret of ["first", "second"]) {
    writeFileSync(file, `${secret}\n`);
    // oxlint-disable-next-line no-await-in-loop -- one secret after the other
    expect(new Set([...(await several()), ...(await several())])).toEqual(new Set([`Bearer a:${secret}`]));
  }
  expect(asked()).toBe(2);
  rmSync(file);
  await expect(ask(client, url)).rejects.toThrow("secret: no such file or directory");
});

test("a silent token server times out after 30 s, and is asked again at the next request", async () => {
  const { client, url, clock, isAsked, asked } = await setUp(() => undefined);
  const failure = ask(client, url).catch((error: Error) => error.message);
  await isAsked;
  // The time limit of 30 s covers both attempts: with the Authorization header, and with the client's name and secret in the form.
  await clock.advance(30_000);
  expect(await failure).toContain("context deadline exceeded");
  const before = asked();
  const again = ask(client, url).catch(() => "");
  while (asked() === before) await new Promise(setImmediate);
  await clock.advance(30_000);
  await again;
});

test("cancelling a download ends its wait for a token", async () => {
  const { client, url, isAsked } = await setUp(() => undefined);
  const download = client.download!(url, {}, SINK);
  const failure = download.answer.catch((error: Error) => error.message);
  await isAsked;
  download.cancel(new Error("scrape timeout"));
  expect(await failure).toBe("scrape timeout");
});

test("aborting a request ends its wait for a token", async () => {
  const { client, url, isAsked } = await setUp(() => undefined);
  const ending = new AbortController();
  const failure = client.request(url, { signal: ending.signal }).catch((error: Error) => error.message);
  await isAsked;
  ending.abort(new Error("no longer wanted"));
  expect(await failure).toBe("no longer wanted");
});

test("an endless answer of a token server is read up to a megabyte", async () => {
  const { client, url } = await setUp((_, response) => {
    response.writeHead(200, { "content-type": "application/json" });
    const more = (): void => {
      while (!response.destroyed && response.write(" ".repeat(65_536)));
    };
    response.on("drain", more);
    more();
  });
  await expect(ask(client, url)).rejects.toThrow("oauth2: cannot parse json: unexpected end of JSON input");
});

test("the error of a token server that repeats the request does not contain the secret, and is short", async () => {
  const { client, url } = await setUp((request, response) => {
    let body = String(request.headers.authorization);
    request.on("data", (chunk: Buffer) => (body += ` ${chunk.toString()}`));
    request.on("end", () => response.writeHead(400).end(`${body} ${"a".repeat(5000)}`));
  }, "client_secret: canary-secret");
  const error = await ask(client, url).catch(String);
  expect(error).toContain("client_secret=<secret>");
  expect(error).not.toContain("canary");
  expect(error.length).toBeLessThan(1200);
});
