import { recordingServer } from "@narthex/http/testing";
import { systemClock } from "@narthex/runtime";
import { expect, test, vi } from "vitest";
import type { DataSourceSettings } from "../data-source.ts";
import { Destinations } from "./destinations.ts";
import { SourceClient } from "./source-client.ts";

const CANARY = "canary-9e4a";

const settings = (url: string, more: Partial<DataSourceSettings> = {}): DataSourceSettings => ({
  uid: "u",
  name: "Prometheus",
  type: "prometheus",
  url,
  user: "",
  database: "",
  basicAuth: false,
  basicAuthUser: "",
  withCredentials: false,
  jsonData: {},
  secureJsonData: {},
  ...more,
});

test.each(["GET", "POST"] as const)(
  "when a source redirects a %s to another host, secrets are not sent there",
  async (method) => {
    await using server = await recordingServer(({ host, url }, { foreign }) =>
      host === "127.0.0.1" ? { status: 307, headers: { location: `http://${foreign}${url}` } } : {},
    );
    const url = `http://${server.home}`;
    const header = { jsonData: { httpHeaderName1: "X-Key" }, secureJsonData: { httpHeaderValue1: CANARY } };
    const sources = [
      settings(url, header),
      settings(url, { secureJsonData: { bearerToken: CANARY } }),
      settings(url, { basicAuth: true, basicAuthUser: CANARY, secureJsonData: { basicAuthPassword: "p" } }),
      settings(url, {
        jsonData: { sigV4Auth: true, sigV4AuthType: "keys", sigV4Region: "eu-west-1" },
        secureJsonData: { sigV4AccessKey: CANARY, sigV4SecretKey: "s" },
      }),
    ];
    for (const source of sources) {
      const client = new SourceClient(source, { clock: systemClock, userAgent: "narthex/x" });
      const request = { method, path: "/api/v1/query", parameters: new URLSearchParams("query=up"), timeoutMs: 60_000 };
      const answer = await client.send(request, new AbortController().signal);
      answer.close();
      await client.close();
      const [here, there] = server.requests.splice(0);
      expect([here!.host, there!.host]).toEqual(["127.0.0.1", "127.0.0.2"]);
      expect([here!.headers.authorization ?? here!.headers["x-key"]]).not.toEqual([undefined]);
      expect([there!.headers.authorization, there!.text.includes(CANARY)]).toEqual([undefined, false]);
    }
  },
);

test("when a source redirects a POST to another host, custom parameters are not sent there", async () => {
  await using server = await recordingServer(({ host, url }, { foreign }) =>
    host === "127.0.0.1" ? { status: 307, headers: { location: `http://${foreign}${url}` } } : {},
  );
  const options = { clock: systemClock, userAgent: "narthex/x" };
  const client = new SourceClient(settings(`http://${server.home}`), options, `token=${CANARY}`);
  const parameters = new URLSearchParams("query=up");
  const request = { method: "POST", path: "/api/v1/query", parameters, timeoutMs: 60_000 } as const;
  const answer = await client.send(request, new AbortController().signal);
  answer.close();
  await client.close();
  const [here, there] = server.requests;
  expect([here!.text.includes(CANARY), there!.text.includes(CANARY)]).toEqual([true, false]);
  expect(there!.text).toContain("query=up");
});

test("a URL with user and password is refused, and the message contains neither", () => {
  const open = () => new SourceClient(settings(`http://u:${CANARY}@a`), { clock: systemClock, userAgent: "" });
  expect(open).toThrow("write them as basicAuthUser and basicAuthPassword");
  expect(open).not.toThrow(CANARY);
});

test("the client itself resolves a host name only if the request goes through a proxy", async () => {
  await using server = await recordingServer(() => ({}));
  vi.stubEnv("HTTP_PROXY", `http://${server.home}`);
  vi.stubEnv("NO_PROXY", "near.example");
  try {
    const looked: string[] = [];
    const lookup = ((name: string, _: unknown, done: (error: null, addresses: readonly object[]) => void) => {
      looked.push(name);
      done(null, [{ address: "127.0.0.1", family: 4 }]);
    }) as never;
    const options = { clock: systemClock, userAgent: "narthex/x", destinations: new Destinations({}, lookup) };
    for (const host of ["near.example", "far.example"]) {
      const client = new SourceClient(settings(`http://${host}:${server.home.split(":")[1]}`), options);
      const request = { method: "GET", path: "/", parameters: new URLSearchParams(), timeoutMs: 60_000 } as const;
      const answer = await client.send(request, new AbortController().signal);
      answer.close();
      await client.close();
    }
    // Each name is looked up once. The connection looks up the first name. The check of addresses looks up the second
    // name. For the second request, the connection looks up no name, because the request goes to a proxy whose URL
    // contains an IP address.
    expect(looked).toEqual(["near.example", "far.example"]);
  } finally {
    vi.unstubAllEnvs();
  }
});
