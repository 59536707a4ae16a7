import { expect, test } from "vitest";
import { dashboardsArguments } from "../support/dashboards-arguments.ts";
import { eventually } from "../support/eventually.ts";
import { freePort } from "../support/ports.ts";
import { narthex, type Running } from "../support/running.ts";
import { Workplace } from "../support/workplace.ts";

const PASSWORD = "a long password";

/** Starts the dashboards, and the three roles that accept their people and tokens. */
async function stack(workplace: Workplace) {
  const [boards, server, manager, gateway] = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
  const base = (port: number): string => `http://127.0.0.1:${port}`;
  workplace.write("prometheus.yml", "global: { scrape_interval: 1s }\n");
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
      "--web.enable-otlp-receiver",
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

/** Sends a request to the dashboards as the first user, and returns the answer. */
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
  const remembered = asked.headers.getSetCookie().map((cookie) => cookie.split(";", 1)[0]);
  const signedIn = await fetch(`${boards}/login`, {
    ...json({ user: "admin", password: PASSWORD }),
    headers: { "content-type": "application/json", cookie: remembered.join("; ") },
  });
  const { redirectUrl } = (await signedIn.json()) as { redirectUrl: string };
  const session = {
    cookie: signedIn.headers
      .getSetCookie()
      .map((cookie) => cookie.split(";", 1)[0])
      .join("; "),
  };
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
