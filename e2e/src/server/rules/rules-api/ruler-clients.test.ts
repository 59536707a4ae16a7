import { expect, test } from "vitest";
import { Workplace } from "../../../support/workplace.ts";
import { RulesServer } from "./rules-server.ts";

const ACCEPTED = '{"status":"success","data":null,"errorType":"","error":""}';

/** A request of a client, and the answer that the client understands. */
type Step = readonly [request: string, body: string | undefined, status: number, answer: string | RegExp];

/** Groups as the clients' YAML printer writes them. */
const G1 = "name: g1\ninterval: 1m\nrules:\n    - alert: Down\n      expr: up == 0\n      for: 5m\n";
const G1_NEW = G1.replace("5m", "10m");
const G2 = "name: g2\nrules:\n    - record: job:up:sum\n      expr: sum by (job) (up)\n";
const S1 = "name: g1\ninterval: 1m\nrules:\n- alert: Down\n  expr: up == 0\n  for: 5m\n";
const S2 = "name: g2\nrules:\n- record: job:up:sum\n  expr: sum by (job) (up)\n";
const item = (group: string): string => `- ${group.trimEnd().replaceAll("\n", "\n  ")}\n`;

/** Requests of `rules load`, `list`, `get`, `diff`, `sync`, `delete` and `delete-namespace`, in this order. */
const toolSteps = (prefix: string): readonly Step[] => [
  // load: the client reads each group, and writes those that are missing or different.
  [`GET ${prefix}/team/g1`, undefined, 404, "group does not exist\n"],
  [`POST ${prefix}/team`, G1, 202, ACCEPTED],
  [`GET ${prefix}/team/g2`, undefined, 404, "group does not exist\n"],
  [`POST ${prefix}/team`, G2, 202, ACCEPTED],
  [`GET ${prefix}/team/g1`, undefined, 200, S1],
  [`POST ${prefix}/shop%2Fweb%20%C3%BC`, G1, 202, ACCEPTED],
  // list, print and diff.
  [`GET ${prefix}`, undefined, 200, `"shop/web ü":\n${item(S1)}team:\n${item(S1)}${item(S2)}`],
  [`GET ${prefix}/shop%2Fweb%20%C3%BC/g1`, undefined, 200, S1],
  // sync: the client reads everything, then writes and deletes.
  [`POST ${prefix}/team`, G1_NEW, 202, ACCEPTED],
  [`DELETE ${prefix}/team/g2`, undefined, 202, ACCEPTED],
  [`DELETE ${prefix}/team/g2`, undefined, 404, "group does not exist\n"],
  [`GET ${prefix}`, undefined, 200, `"shop/web ü":\n${item(S1)}team:\n${item(S1.replace("5m", "10m"))}`],
  // delete-namespace.
  [`DELETE ${prefix}/shop%2Fweb%20%C3%BC`, undefined, 202, ACCEPTED],
  [`DELETE ${prefix}/shop%2Fweb%20%C3%BC`, undefined, 404, "namespace does not exist\n"],
  [`DELETE ${prefix}/team/g1`, undefined, 202, ACCEPTED],
  [`GET ${prefix}`, undefined, 200, "{}\n"],
];

/** Requests of Grafana's form for a data source of the kind Mimir: it writes fields that are empty, and reads again. */
const GRAFANA_STEPS: readonly Step[] = [
  ["GET /api/v1/status/buildinfo", undefined, 200, /"features":\{"ruler_config_api":"true"\}/],
  ["GET /config/v1/rules", undefined, 200, "{}\n"],
  [
    "POST /config/v1/rules/web",
    "name: checkout\ninterval: 1m\nrules:\n    - alert: Slow\n      expr: vector(1)\n      for: 2m\n      labels: {}\n      annotations:\n        summary: slow\n",
    202,
    ACCEPTED,
  ],
  ["GET /config/v1/rules/web/checkout", undefined, 200, /^name: checkout\ninterval: 1m\n/],
  ["GET /api/v1/rules", undefined, 200, /"name":"checkout","file":"web"/],
  ["DELETE /config/v1/rules/web/checkout", undefined, 202, ACCEPTED],
];

const CLIENTS: readonly (readonly [client: string, steps: readonly Step[]])[] = [
  ["mimirtool", toolSteps("/prometheus/config/v1/rules")],
  [
    "mimirtool --use-legacy-routes and cortextool with an address that ends with /prometheus",
    toolSteps("/prometheus/api/v1/rules"),
  ],
  ["cortextool --use-legacy-routes", toolSteps("/api/prom/rules")],
  ["Grafana", GRAFANA_STEPS],
];

test.each(CLIENTS)("the requests of %s are answered as by Mimir", async (_client, steps) => {
  using workplace = new Workplace();
  await using server = await RulesServer.start(workplace);
  // The tenant's header, which both tools always send, has no effect.
  const headers = { "x-scope-orgid": "anything", "user-agent": "mimirtool/2.15" };
  for (const [request, body, status, answer] of steps) {
    const [method, path] = request.split(" ") as [string, string];
    // oxlint-disable-next-line no-await-in-loop -- the clients send one request after the other
    const reply = await server.send(method, path, { headers, ...(body === undefined ? {} : { body }) });
    expect([request, reply.status]).toEqual([request, status]);
    if (typeof answer === "string") expect([request, reply.body]).toEqual([request, answer]);
    else expect(reply.body).toMatch(answer);
  }
});

test("stored groups are evaluated beside rule files, survive a restart and a reload, and files stay read-only", async () => {
  using workplace = new Workplace();
  const file = workplace.write("rules.yml", "groups: [{name: f, rules: [{record: r, expr: vector(1)}]}]\n");
  const config = `global: {evaluation_interval: 200ms}\nrule_files: [${file}]\n`;
  const options = { config, more: ["--web.enable-lifecycle"] };
  const expected = [`${file}/f: r`, "team/g2: job:up:sum"];
  {
    await using server = await RulesServer.start(workplace, options);
    expect((await server.send("POST", "/config/v1/rules/team", { body: G2 })).status).toBe(202);
    expect(await server.groups()).toEqual(expected);
    expect((await server.send("POST", "/-/reload")).status).toBe(200);
    expect(await server.groups()).toEqual(expected);
    const path = `/config/v1/rules/${encodeURIComponent(file)}`;
    expect(await server.send("POST", path, { body: G2 })).toMatchObject({
      status: 403,
      body: "namespace is protected, no modification allowed: it is a rule file\n",
    });
    expect((await server.send("DELETE", path)).status).toBe(403);
    server.running.kill("SIGKILL");
    await server.running.ended;
  }
  await using again = await RulesServer.start(workplace, options);
  expect(await again.groups()).toEqual(expected);
});

test("of concurrent editors with tags only the first wins, and the history has each change with its texts", async () => {
  using workplace = new Workplace();
  await using server = await RulesServer.start(workplace);
  const path = "/config/v1/rules/team";
  const created = await server.send("POST", path, { body: G1, headers: { "if-none-match": "*" } });
  expect(created.status).toBe(202);
  const { tag } = await server.send("GET", `${path}/g1`);
  expect(tag).toBe(created.tag);
  const editors = Array.from({ length: 8 }, (_, i) =>
    server.send("POST", path, { body: G1.replace("5m", `${i + 10}m`), headers: { "if-match": tag! } }),
  );
  const statuses = (await Promise.all(editors)).map(({ status }) => status).sort();
  expect(statuses).toEqual([202, ...Array<number>(7).fill(412)]);
  const late = await server.send("DELETE", `${path}/g1`, { headers: { "if-match": tag! } });
  expect(late).toMatchObject({
    status: 412,
    body: expect.stringContaining("someone else has changed the group") as string,
  });
  // Writers without tags, as the original clients: the last one wins.
  await Promise.all([1, 2, 3].map((i) => server.send("POST", path, { body: G1.replace("5m", `${i}m`) })));
  const stored = (await server.send("GET", `${path}/g1`)).body;
  const { body } = await server.send("GET", "/api/v1/narthex/stored-rules/history?namespace=team&group=g1");
  const { changes, more } = (JSON.parse(body) as { data: { changes: Record<string, string | null>[]; more: boolean } })
    .data;
  expect([changes.length, more]).toEqual([5, false]);
  expect(`${changes[0]!["after"]!}\n`).toBe(stored);
  for (const [i, change] of changes.entries()) expect(change["before"] ?? null).toBe(changes[i + 1]?.["after"] ?? null);
});

test("bodies of pages of other sites, of more than 256 KiB, and without UTF-8 are refused", async () => {
  using workplace = new Workplace();
  await using server = await RulesServer.start(workplace);
  const path = "/config/v1/rules/team";
  const foreign = await server.send("POST", path, { body: G1, headers: { origin: "http://example.org" } });
  expect([foreign.status, foreign.body]).toEqual([403, expect.stringContaining("other sites") as string]);
  const long = await server.send("POST", path, { body: `# ${"x".repeat(256 * 1024)}\n${G1}` });
  expect([long.status, long.body]).toEqual([413, "the rule group is larger than 256 KiB; split it\n"]);
  const response = await fetch(server.base + path, { method: "POST", body: new Uint8Array([0x6e, 0xff]) });
  expect([response.status, await response.text()]).toEqual([400, expect.stringContaining("not UTF-8") as string]);
  expect((await server.send("GET", "/config/v1/rules")).body).toBe("{}\n");
});

test("without --rules.api.path there is no rules API, and the editor's route names the flag", async () => {
  using workplace = new Workplace();
  await using server = await RulesServer.start(workplace, { folder: "" });
  expect((await server.send("GET", "/config/v1/rules")).status).toBe(404);
  expect((await server.send("POST", "/config/v1/rules/team", { body: G1 })).status).toBe(404);
  const editor = await server.send("GET", "/api/v1/narthex/stored-rules");
  expect(JSON.parse(editor.body)).toMatchObject({
    errorType: "unavailable",
    error: expect.stringContaining("--rules.api.path") as string,
  });
  expect((await server.send("GET", "/api/v1/status/buildinfo")).body).not.toContain("features");
});
