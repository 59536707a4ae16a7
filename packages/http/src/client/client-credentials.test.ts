import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type HttpClientConfig, parsePrometheusConfig } from "@narthex/config";
import { expect, onTestFinished, test } from "vitest";
import { recordingServer, type RecordedRequest } from "../testing/recording-server.ts";
import { createHttpClient, type HttpRequest } from "./http-client.ts";

/** Parses YAML fields as the HTTP client settings of a scrape job. */
function section(fields: string): HttpClientConfig {
  const parsed = parsePrometheusConfig(`scrape_configs: [{job_name: a, ${fields}}]`, "p.yml", {}, () => undefined);
  if (!parsed.ok) throw new Error(parsed.problems.map(({ message }) => message).join("; "));
  return parsed.value.scrapeConfigs[0]!.httpClient;
}

const WAYS = ["request", "exchange", "download"] as const;

/** Sends one request with the client's method of the given name, and reads the answer. */
async function send(
  method: (typeof WAYS)[number],
  fields: string,
  url: string,
  request: HttpRequest = {},
): Promise<void> {
  const client = await createHttpClient(section(fields));
  onTestFinished(() => client.close());
  if (method === "request") await (await client.request(url, request)).body.text();
  else if (method === "exchange") {
    const { body, ...rest } = request;
    const answer = await client.exchange(url, { ...rest, ...(body === undefined ? {} : { body: String(body) }) });
    for await (const _ of answer.body);
  } else {
    await client.download!(url, request.headers ?? {}, { begin: () => undefined, write: () => undefined }).answer;
  }
}

/** Starts servers for redirects: /away leads to the other host, /back to the first host. */
const redirecting = () =>
  recordingServer(({ url, host }, { home, foreign }) => {
    if (url === "/away") return { status: 307, headers: { location: `http://${foreign}/back` } };
    if (url === "/back" && host === "127.0.0.2") return { status: 302, headers: { location: `http://${home}/end` } };
    return url === "/near" ? { status: 308, headers: { location: "/end" } } : {};
  });

const seen = ({ host, url, headers }: RecordedRequest): string =>
  `${host}${url} ${headers.authorization ?? "-"} ${String(headers["x-key"] ?? "-")}`;

const basic = (pair: string): string => `Basic ${btoa(pair)}`;

test.each(WAYS)("%s() sends user and password of the URL, also after a relative redirect", async (method) => {
  await using server = await redirecting();
  await send(method, "basic_auth: {username: other, password: other}", `http://u:p%40@${server.home}/near`);
  expect(server.requests.map(seen)).toEqual([`127.0.0.1/near ${basic("u:p@")} -`, `127.0.0.1/end ${basic("u:p@")} -`]);
});

test.each(WAYS)(
  "%s() does not send the section's credentials to a foreign host, nor to the first host after it",
  async (method) => {
    await using server = await redirecting();
    const fields = "authorization: {credentials: canary}, http_headers: {X-Key: {secrets: [canary]}}";
    await send(method, fields, `http://${server.home}/away`);
    expect(server.requests.map(seen)).toEqual([
      "127.0.0.1/away Bearer canary canary",
      "127.0.0.2/back - -",
      "127.0.0.1/end - -",
    ]);
  },
);

test.each(["request", "exchange"] as const)(
  "%s() does not send the request's own credentials to a foreign host",
  async (clientMethod) => {
    await using server = await redirecting();
    const headers = { authorization: "GenieKey canary", Cookie: "canary", "X-Key": "canary", "content-type": "a/b" };
    for (const method of ["POST", "PUT"] as const) {
      await send(clientMethod, "", `http://u:canary@${server.home}/away`, { method, headers, body: "x" });
      const [, there] = server.requests.splice(0);
      expect(there!.text).not.toContain("canary");
      expect([there!.method, there!.headers["content-type"]]).toEqual([method, "a/b"]);
    }
  },
);

test.each(["request", "exchange"] as const)(
  "%s() does not send a body with a secret to a foreign host",
  async (clientMethod) => {
    await using server = await redirecting();
    const sent = send(clientMethod, "", `http://${server.home}/away`, {
      method: "POST",
      body: "canary",
      bodyHoldsSecret: true,
    });
    await expect(sent).rejects.toThrow("the redirect leads to another host, and the request's body contains a secret");
    expect(server.requests).toHaveLength(1);
  },
);

test("a redirect loop ends, and the error of an invalid location names it", async () => {
  const locations: Record<string, string> = { "/circle": "/circle", "/ftp": "ftp://a/b", "/bad": "http://[" };
  await using server = await recordingServer(({ url }) => ({ status: 301, headers: { location: locations[url]! } }));
  for (const method of WAYS) {
    const to = (path: string): Promise<void> => send(method, "", `http://${server.home}${path}`);
    server.requests.length = 0;
    await expect(to("/circle")).rejects.toThrow("stopped after 10 redirects");
    expect(server.requests).toHaveLength(10);
    await expect(to("/ftp")).rejects.toThrow('unsupported protocol scheme "ftp"');
    await expect(to("/bad")).rejects.toThrow('failed to parse Location header "http://["');
  }
});

test("with follow_redirects: false a redirect is returned as the answer", async () => {
  await using server = await redirecting();
  for (const method of WAYS) await send(method, "follow_redirects: false", `http://${server.home}/away`);
  expect(server.requests.map(({ url }) => url)).toEqual(["/away", "/away", "/away"]);
});

test.each(["request", "exchange"] as const)(
  "%s() closes the connection of a redirect that is refused",
  async (method) => {
    const { promise: closed, resolve: close } = Promise.withResolvers<void>();
    const server = createServer((_request, response) => {
      response.writeHead(307, { location: "ftp://a/b" });
      response.on("close", close);
      // Sends only a part of the body, and never ends it.
      response.write("x");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => server.close().closeAllConnections());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    await expect(send(method, "", url)).rejects.toThrow("unsupported protocol scheme");
    await closed;
  },
);
