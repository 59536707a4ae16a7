import { WireWriter } from "@narthex/bytes";
import { Labels } from "@narthex/model";
import { randomQuery } from "@narthex/promql/testing";
import fc from "fast-check";
import { compress, uncompress } from "snappyjs";
import { expect, test } from "vitest";
import { cookiesOf } from "../support/cookies.ts";
import { dashboardsArguments } from "../support/dashboards-arguments.ts";
import { eventually } from "../support/eventually.ts";
import { freePort } from "../support/ports.ts";
import { remoteWrite, type WrittenSeries } from "../support/remote-write.ts";
import { narthex, type Running } from "../support/running.ts";
import { Workplace } from "../support/workplace.ts";

const PASSWORD = "a long password";

const RULES = `groups:
  - name: all
    rules:
      - { alert: Low, expr: g < 100 }
      - { alert: OfB, expr: vector(1), labels: { team: b } }
`;

/** Starts the dashboards server, and the three other programs, which accept its users and tokens. */
async function stack(workplace: Workplace) {
  const [boards, server, manager, gateway] = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
  const base = (port: number): string => `http://127.0.0.1:${port}`;
  workplace.write("rules.yml", RULES);
  workplace.write("prometheus.yml", "global: { evaluation_interval: 1s }\nrule_files: [rules.yml]\n");
  workplace.write("alertmanager.yml", "route: { receiver: none }\nreceivers: [{ name: none }]\n");
  const signIn = `--web.sign-in-url=${base(boards)}`;
  const settings = [`security.admin_password=${PASSWORD}`, `server.root_url=${base(boards)}/`];
  const programs: readonly Running[] = [
    narthex(dashboardsArguments(workplace, boards, settings)),
    narthex([
      "server",
      signIn,
      `--config.file=${workplace.path("prometheus.yml")}`,
      `--storage.tsdb.path=${workplace.path("data")}`,
      `--web.listen-address=127.0.0.1:${server}`,
      "--web.enable-remote-write-receiver",
      "--enable-feature=promql-experimental-functions,promql-extended-range-selectors,promql-binop-fill-modifiers",
    ]),
    narthex([
      "alertmanager",
      signIn,
      `--config.file=${workplace.path("alertmanager.yml")}`,
      `--storage.path=${workplace.path("am")}`,
      `--web.listen-address=127.0.0.1:${manager}`,
      "--cluster.listen-address=",
    ]),
    narthex(["pushgateway", signIn, `--web.listen-address=127.0.0.1:${gateway}`]),
  ];
  await programs[0]!.ready(`${base(boards)}/api/health`);
  await Promise.all([server, manager, gateway].map((port, i) => programs[i + 1]!.ready(`${base(port)}/-/ready`)));
  return {
    boards: base(boards),
    server: base(server),
    manager: base(manager),
    gateway: base(gateway),
    dashboards: programs[0]!,
    async [Symbol.asyncDispose]() {
      await Promise.all(programs.map((program) => program[Symbol.asyncDispose]()));
    },
  };
}

interface Sent {
  readonly method?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const json = (value: object): Sent => ({
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify(value),
});

const basic = (user: string): Readonly<Record<string, string>> => ({ authorization: `Basic ${btoa(user)}` });
const bearer = (token: string): Readonly<Record<string, string>> => ({ authorization: `Bearer ${token}` });

/** Sends a request to the dashboards server as the first user. Returns the response. */
async function asAdmin<T>(boards: string, path: string, init: RequestInit = {}): Promise<T> {
  const headers = new Headers(init.headers);
  headers.set("authorization", `Basic ${btoa(`admin:${PASSWORD}`)}`);
  const answer = await fetch(boards + path, { ...init, headers });
  expect([path, answer.ok]).toEqual([path, true]);
  return (await answer.json()) as T;
}

/** Adds a service account with a token. */
async function newToken(boards: string, role: string, restriction: object = {}): Promise<string> {
  const name = `${role} ${JSON.stringify(restriction)}`;
  const { id } = await asAdmin<{ id: number }>(boards, "/api/serviceaccounts", json({ name, role }));
  const made = json({ name: "one", ...restriction });
  return (await asAdmin<{ key: string }>(boards, `/api/serviceaccounts/${id}/tokens`, made)).key;
}

const status = async (url: string, init: RequestInit = {}): Promise<number> =>
  (await fetch(url, { redirect: "manual", ...init })).status;

test("people and tokens of the dashboards pass in every role with their scopes, and nobody else does", async () => {
  using workplace = new Workplace();
  await using roles = await stack(workplace);
  const { boards, server, manager, gateway } = roles;
  const push: RequestInit = { method: "PUT", body: "x 1\n" };
  for (const url of [`${server}/api/v1/query?query=up`, `${manager}/api/v2/alerts`, `${gateway}/metrics`])
    expect([url, await status(url)]).toEqual([url, 401]);

  const page = await fetch(`${server}/query?g0.expr=up`, { headers: { accept: "text/html" }, redirect: "manual" });
  const login = page.headers.get("location")!;
  expect(login).toBe(`${boards}/login/return?to=${encodeURIComponent(`${server}/query?g0.expr=up`)}`);
  const asked = await fetch(login, { redirect: "manual" });
  const signedIn = await fetch(`${boards}/login`, {
    ...json({ user: "admin", password: PASSWORD }),
    headers: { "content-type": "application/json", cookie: cookiesOf(asked) },
  });
  const { redirectUrl } = (await signedIn.json()) as { redirectUrl: string };
  const session = { cookie: cookiesOf(signedIn) };
  const back = await fetch(boards + redirectUrl, { headers: session, redirect: "manual" });
  expect(back.headers.get("location")).toBe(`${server}/query?g0.expr=up`);
  for (const url of [`${server}/api/v1/query?query=up`, `${manager}/api/v2/alerts`, `${gateway}/api/v1/metrics`])
    expect([url, await status(url, { headers: session })]).toEqual([url, 200]);
  const job = `${gateway}/metrics/job/a`;
  expect(await status(job, { ...push, headers: { ...session, origin: "http://elsewhere.example" } })).toBe(403);

  const [viewer, pusher] = [await newToken(boards, "Viewer"), await newToken(boards, "Editor", { scopes: ["push"] })];
  expect(await status(job, { ...push, headers: bearer(viewer) })).toBe(403);
  expect(await status(job, { ...push, headers: basic(`api_key:${pusher}`) })).toBe(200);
  expect(await status(`${gateway}/metrics`, { headers: bearer(viewer) })).toBe(200);
  expect(await status(`${gateway}/metrics`, { headers: bearer(pusher) })).toBe(403);
  expect(await status(`${server}/api/v1/query?query=up`, { headers: bearer(pusher) })).toBe(403);

  await asAdmin(boards, "/api/serviceaccounts/3/tokens/2", { method: "DELETE" });
  await eventually("the revoked token is refused", async () =>
    expect(await status(job, { ...push, headers: bearer(pusher) })).toBe(401),
  );
  roles.dashboards.kill("SIGTERM");
  await roles.dashboards.ended;
  expect(await status(`${gateway}/metrics`, { headers: bearer(viewer) })).toBe(200);
  expect(await status(`${gateway}/metrics`, { headers: bearer(pusher.replace("glsa_", "glsa-")) })).toBe(503);
  expect(await status(`${gateway}/-/healthy`)).toBe(200);
});

/** Time in ms of the newest sample of the written series. */
const NEWEST_MS = Math.floor(Date.now() / 15_000) * 15_000;

/** Returns series of two teams, and of no team, with a sample every 15 s. */
function samplesOf(teams: readonly string[]): readonly WrittenSeries[] {
  const count = 40;
  const timestamps = Array.from({ length: count }, (_, i) => NEWEST_MS - (count - 1 - i) * 15_000);
  return teams.flatMap((team, t) =>
    ["c_total", "g", "w", "target_info"].flatMap((name) =>
      ["a", "b"].map((i): WrittenSeries => {
        const labels = { __name__: name, i, instance: "x", job: "y", v: i, ...(team !== "" && { team }) };
        const values = Float64Array.from(timestamps, (_, at) => (name === "target_info" ? 1 : (at * (t + 2)) % 17));
        return { labels: Labels.of(labels), timestamps, values, histograms: [] };
      }),
    ),
  );
}

test("500 random queries of a token limited to one team have the results of a server that has only this team", async () => {
  using workplace = new Workplace();
  using alone = new Workplace();
  await using roles = await stack(workplace);
  const { boards, server } = roles;
  const port = await freePort();
  const base = `http://127.0.0.1:${port}`;
  alone.write("prometheus.yml", "");
  await using own = narthex([
    "server",
    `--config.file=${alone.path("prometheus.yml")}`,
    `--storage.tsdb.path=${alone.path("data")}`,
    `--web.listen-address=127.0.0.1:${port}`,
    "--web.enable-remote-write-receiver",
    "--enable-feature=promql-experimental-functions,promql-extended-range-selectors,promql-binop-fill-modifiers",
  ]);
  await own.ready(`${base}/-/ready`);
  const token = await newToken(boards, "Admin", { matchers: '{team="a"}' });
  await remoteWrite(server, samplesOf(["a", "b", ""]), bearer(await newToken(boards, "Admin", { scopes: ["push"] })));
  await remoteWrite(base, samplesOf(["a"]));
  const time = String(NEWEST_MS / 1000);
  const answerOf = async (url: string, query: string): Promise<unknown> => {
    const body = new URLSearchParams({ query, time });
    const answer = await fetch(`${url}/api/v1/query`, { method: "POST", body, headers: bearer(token) });
    expect([query, answer.status]).not.toEqual([query, 403]);
    return ((await answer.json()) as { data?: unknown }).data;
  };
  let found = 0;
  await fc.assert(
    fc.asyncProperty(randomQuery, async (query) => {
      const limited = await answerOf(server, query);
      const text = JSON.stringify(limited ?? null);
      expect([query, text]).toEqual([query, expect.not.stringContaining('"team":"b"')]);
      // Queries with these functions are not compared, because the labels of their results depend on the text of the
      // selectors.
      if (/absent|info/.test(query)) return;
      if (text.includes('"value"')) found++;
      expect([query, limited]).toEqual([query, await answerOf(base, query)]);
    }),
    { numRuns: 500 },
  );
  expect(found).toBeGreaterThan(20);
}, 180_000);

/**
 * Reads the metric `g` by remote read. Returns the bytes of the response as a text with one character for each byte.
 */
async function remotelyRead(server: string, headers: Readonly<Record<string, string>>): Promise<string> {
  const out = new WireWriter();
  out.message(1, () => {
    out.int64(2, Date.now());
    out.message(3, () => {
      out.string(2, "__name__");
      out.string(3, "g");
    });
  });
  const body = Uint8Array.from(compress(out.written.slice()));
  const types = { "content-type": "application/x-protobuf", "content-encoding": "snappy" };
  const answer = await fetch(`${server}/api/v1/read`, { method: "POST", headers: { ...headers, ...types }, body });
  expect(answer.status).toBe(200);
  return Buffer.from(uncompress(new Uint8Array(await answer.arrayBuffer()))).toString("latin1");
}

test("listings, federation, remote read, alerts and rules of a limited token contain only its team, and the rest is refused", async () => {
  using workplace = new Workplace();
  await using roles = await stack(workplace);
  const { boards, server, manager } = roles;
  const token = bearer(await newToken(boards, "Editor", { matchers: '{team="a"}' }));
  await remoteWrite(server, samplesOf(["a", "b", ""]), bearer(await newToken(boards, "Admin", { scopes: ["push"] })));
  const textOf = async (path: string, init: RequestInit = {}): Promise<string> => {
    const answer = await fetch(server + path, { ...init, headers: token });
    const text = await answer.text();
    expect([path, answer.status, text]).toEqual([
      path,
      200,
      expect.not.stringMatching(/"b"[^}]*"g"|team="b"|"team":"b"/),
    ]);
    return text;
  };
  const match = `match[]=${encodeURIComponent('{__name__=~".+"}')}`;
  expect(await textOf(`/api/v1/series?${match}`)).toContain('"team":"a"');
  expect(await textOf("/api/v1/label/team/values")).toContain('["a"]');
  expect(await textOf(`/api/v1/label/team/values?match[]=${encodeURIComponent('{team="b"}')}`)).toContain('"data":[]');
  expect(await textOf("/api/v1/labels")).toContain('"team"');
  expect(await textOf(`/federate?${match}`)).toContain('team="a"');
  expect(await textOf(`/api/v1/query_exemplars?query=g&start=0&end=${Date.now() / 1000}`)).toContain("success");
  const teams = [...(await remotelyRead(server, token)).matchAll(/team\x12\x01(.)/g)].map(([, team]) => team);
  expect(new Set(teams)).toEqual(new Set(["a"]));
  await eventually("the alert of the team fires", async () => {
    const text = await textOf("/api/v1/alerts");
    expect(text).toContain('"team":"a"');
    expect(text).not.toContain("OfB");
  });
  const rules = await textOf("/api/v1/rules");
  expect([rules.includes("Low"), rules.includes("OfB")]).toEqual([true, false]);
  for (const path of ["/metrics", "/api/v1/status/tsdb", "/api/v1/status/config", "/api/v1/metadata", "/debug/pprof/"])
    expect([path, await status(server + path, { headers: token })]).toEqual([path, 403]);
  expect(await status(`${server}/-/reload`, { method: "POST", headers: token })).toBe(403);

  const silence = (team: string): RequestInit => ({
    ...json({
      matchers: [{ name: "team", value: team, isRegex: false }],
      startsAt: new Date(Date.now()).toISOString(),
      endsAt: new Date(Date.now() + 3_600_000).toISOString(),
      createdBy: "somebody else",
      comment: "maintenance",
    }),
    headers: { ...token, "content-type": "application/json" },
  });
  expect(await status(`${manager}/api/v2/silences`, silence("b"))).toBe(403);
  expect(await status(`${manager}/api/v2/silences`, silence("a"))).toBe(200);
  const listed = await fetch(`${manager}/api/v2/silences`, { headers: token });
  expect(await listed.json()).toMatchObject([{ createdBy: expect.stringMatching(/^sa-1-/) }]);
});
