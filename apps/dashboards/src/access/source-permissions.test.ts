import {
  PANEL_ANSWERS_MEDIA_TYPE,
  PANEL_QUESTIONS_MEDIA_TYPE,
  type PanelAnswer,
  PanelAnswerReader,
  readFrames,
} from "@narthex/dashboards";
import fastify from "fastify";
import { expect, onTestFinished, test } from "vitest";
import { type RoleOptions, type RunningRole, withRole, writeBelow } from "../testing/running-role.ts";

/** The accounts that send requests. `member` is a viewer in a team that has a permission on the data source `p`. */
const SENDERS = {
  viewer: "viewer:the viewer",
  member: "member:the member",
  editor: "editor:the editor",
  admin: "admin:secret",
  anonymous: "",
} as const;
type Sender = keyof typeof SENDERS;

const FORBIDDEN = "You do not have permission to query this data source";
const HOUR = 3_600_000;

/** Starts a Prometheus-compatible server that counts its requests. */
async function prometheus(): Promise<{ readonly url: string; readonly count: () => number }> {
  let count = 0;
  const server = fastify();
  server.all("*", (request) => {
    count++;
    if (request.url.includes("/series")) return { status: "success", data: [{ __name__: "up", job: "a" }] };
    if (request.url.includes("/metadata")) return { status: "success", data: {} };
    if (request.url.includes("/label")) return { status: "success", data: ["up"] };
    const values = [[0, "1"]];
    return { status: "success", data: { resultType: "matrix", result: [{ metric: {}, values }] } };
  });
  onTestFinished(async () => server.close());
  return { url: await server.listen({ port: 0, host: "127.0.0.1" }), count: () => count };
}

interface Rig extends RunningRole {
  /** Gives the team of `member` a permission on a data source, or removes it. */
  readonly give: (uid: string, permission: "" | "Query" | "Edit" | "Admin") => Promise<void>;
  readonly as: (sender: Sender, method: string, path: string, body?: unknown) => ReturnType<RunningRole["call"]>;
}

const NOBODY = [
  { builtInRole: "Viewer", permission: "" },
  { builtInRole: "Editor", permission: "" },
];

/**
 * Starts a dashboards server with the accounts, an unrestricted data source `t`, and the restricted default data source
 * `p` with this URL.
 */
async function withRestricted(url: string, use: (rig: Rig) => Promise<void>, options: RoleOptions = {}): Promise<void> {
  await withRole({ ...options, env: { GF_AUTH_ANONYMOUS_ENABLED: "true" } }, async (role) => {
    const { call } = role;
    for (const login of ["viewer", "member", "editor"] as const)
      await call("POST", "/api/admin/users", { login, password: `the ${login}` });
    await call("PATCH", "/api/org/users/4", { role: "Editor" });
    const { teamId } = (await call("POST", "/api/teams", { name: "Operations" })).json;
    await call("POST", `/api/teams/${teamId}/members`, { userId: 3 });
    if (options.files === undefined) {
      await call("POST", "/api/datasources", { uid: "t", name: "T", type: "testdata" });
      const jsonData = { httpMethod: "GET", timeInterval: "1h" };
      await call("POST", "/api/datasources", {
        uid: "p",
        name: "P",
        type: "prometheus",
        url,
        jsonData,
        isDefault: true,
      });
    }
    const closed = await call("POST", "/api/access-control/datasources/p", { permissions: NOBODY });
    expect(closed.json).toEqual({ message: "Permissions updated" });
    const give: Rig["give"] = async (uid, permission) => {
      const path = `/api/access-control/datasources/${uid}/teams/${teamId}`;
      expect((await call("POST", path, { permission })).status).toBe(200);
    };
    await give("p", "Query");
    await use({
      ...role,
      give,
      as: (sender, method, path, body) => call(method, path, body, { user: SENDERS[sender] }),
    });
  });
}

type Request = readonly [method: string, path: string, body?: unknown];

const RANGE = { from: "0", to: String(HOUR) };
const QUERY = { refId: "A", expr: "up", range: true, intervalMs: HOUR };
const queryOf = (datasource: unknown): Request => [
  "POST",
  "/api/ds/query",
  { ...RANGE, queries: [{ ...QUERY, datasource }] },
];
const PUT = { name: "P", type: "prometheus", isDefault: true };

/** Requests that need the right to query a data source, with each way to refer to it. */
const READS: readonly Request[] = [
  ["GET", "/api/datasources/uid/p"],
  ["GET", "/api/datasources/name/P"],
  ["GET", "/api/datasources/id/P"],
  ["GET", "/api/datasources/2"],
  ["GET", "/api/datasources/uid/p/health"],
  ["GET", "/api/datasources/2/health"],
  ["GET", "/api/datasources/proxy/uid/p/api/v1/query?query=up"],
  ["GET", "/api/datasources/proxy/2/api/v1/query?query=up"],
  ["GET", "/api/datasources/uid/p/resources/api/v1/query?query=up"],
  queryOf({ uid: "p" }),
  queryOf("P"),
  queryOf({ type: "prometheus" }),
  queryOf(null),
  ["POST", "/api/narthex/variables/values", { ...RANGE, datasource: "p", query: "label_values(job)" }],
  ["POST", "/api/narthex/annotations/query", { ...RANGE, datasource: "p", query: { expr: "up" } }],
  ["POST", "/api/narthex/metrics", { datasource: "p", job: "a" }],
  ["POST", "/api/narthex/generate", { datasource: "p", job: "a" }],
];
const WRITES: readonly Request[] = [
  ["PUT", "/api/datasources/uid/p", PUT],
  ["PUT", "/api/datasources/2", PUT],
];
const ADMINISTERS: readonly Request[] = [
  ["GET", "/api/access-control/datasources/p"],
  ["POST", "/api/access-control/datasources/p", { permissions: [] }],
  ["POST", "/api/access-control/datasources/p/users/2", { permission: "" }],
  ["POST", "/api/access-control/datasources/p/builtInRoles/Viewer", { permission: "" }],
  ["DELETE", "/api/datasources/uid/p"],
];

/** Sends requests as an account. Returns the statuses that differ from the expected one. */
async function differing({ as }: Rig, sender: Sender, requests: readonly Request[], status: number) {
  const found: unknown[] = [];
  for (const [method, path, body] of requests) {
    const answer = await as(sender, method, path, body);
    if (answer.status !== status) found.push([sender, method, path, body, answer.status, answer.text.slice(0, 200)]);
  }
  return found;
}

test("only accounts with a right on a restricted source can read, query and change it", async () => {
  const { url } = await prometheus();
  await withRestricted(url, async (rig) => {
    const { as, give } = rig;
    for (const sender of ["viewer", "editor", "anonymous"] as const)
      expect(await differing(rig, sender, READS, 403)).toEqual([]);
    const denied = (await as("viewer", "GET", "/api/datasources/uid/p")).json;
    expect(denied).toMatchObject({ title: "Access denied", message: expect.stringContaining("datasources:read") });
    for (const sender of ["member", "admin"] as const) expect(await differing(rig, sender, READS, 200)).toEqual([]);

    const [others, all] = [["viewer", "editor", "member"] as const, [...WRITES, ...ADMINISTERS]];
    for (const sender of others) expect(await differing(rig, sender, all, 403)).toEqual([]);
    expect(await differing(rig, "anonymous", all, 401)).toEqual([]);
    await give("p", "Edit");
    expect(await differing(rig, "member", [["PUT", "/api/datasources/uid/p", { ...PUT, url }]], 200)).toEqual([]);
    expect(await differing(rig, "member", ADMINISTERS, 403)).toEqual([]);
    expect(await differing(rig, "viewer", all, 403)).toEqual([]);
    expect(
      await differing(rig, "member", [["POST", "/api/datasources", { name: "N", type: "testdata" }]], 403),
    ).toEqual([]);
    await give("p", "Admin");
    expect(await differing(rig, "member", ADMINISTERS, 200)).toEqual([]);
    expect((await as("admin", "GET", "/api/datasources/uid/p")).status).toBe(404);
  });
});

test("lists and settings of the pages contain only the sources that the account may query", async () => {
  await withRestricted("http://127.0.0.1:9", async ({ as }) => {
    const listed = async (sender: Sender) => {
      const list = (await as(sender, "GET", "/api/datasources")).json.map(({ uid }: { uid: string }) => uid);
      const { datasources, defaultDatasource } = (await as(sender, "GET", "/api/frontend/settings")).json;
      return [list, Object.keys(datasources), defaultDatasource];
    };
    for (const sender of ["viewer", "editor", "anonymous"] as const)
      expect([sender, await listed(sender)]).toEqual([sender, [["t"], ["T"], ""]]);
    for (const sender of ["member", "admin"] as const)
      expect([sender, await listed(sender)]).toEqual([sender, [["p", "t"], ["P", "T"], "P"]]);
  });
});

test("pages link to a source, and show its pages, only if the account may query the source", async () => {
  const files = {
    "ui/index.html": "stack=STACK_PLACEHOLDER",
    "provisioning/datasources/all.yml": `apiVersion: 1
datasources:
- {name: T, uid: t, type: testdata}
- {name: P, uid: p, type: prometheus, url: 'http://127.0.0.1:9', isDefault: true}
- {name: A, uid: a, type: alertmanager, url: 'http://127.0.0.1:9'}
`,
  };
  const use = async ({ as, url }: Rig): Promise<void> => {
    const [open, all] = ["stack=alertmanager=sources/a", "stack=server=sources/p alertmanager=sources/a"];
    for (const [sender, links, status] of [
      ["viewer", open, 403],
      ["anonymous", open, 403],
      ["member", all, 200],
      ["admin", all, 200],
    ] as const) {
      expect([sender, (await as(sender, "GET", "/dashboards")).text]).toEqual([sender, links]);
      expect([sender, (await as(sender, "GET", "/sources/p/query")).status]).toEqual([sender, status]);
    }
    const unknown = await fetch(`${url}/no/such/page`, { headers: { accept: "text/html" } });
    expect([unknown.status, await unknown.text()]).toEqual([404, open]);
  };
  await withRestricted("", use, { files });
});

/** Queries panels as the page does. Returns the answers in the order of the panels. */
async function askPanels(
  { url }: Rig,
  sender: Sender,
  panels: readonly (readonly object[])[],
  heads: readonly object[] = panels.map(() => RANGE),
): Promise<readonly PanelAnswer[]> {
  const response = await fetch(`${url}/api/narthex/panels/query`, {
    method: "POST",
    headers: {
      "content-type": PANEL_QUESTIONS_MEDIA_TYPE,
      ...(SENDERS[sender] === "" ? {} : { authorization: `Basic ${btoa(SENDERS[sender])}` }),
    },
    body: [{ panels: heads }, ...panels].map((line) => JSON.stringify(line)).join("\n"),
  });
  expect([response.status, response.headers.get("content-type")]).toEqual([200, PANEL_ANSWERS_MEDIA_TYPE]);
  return new PanelAnswerReader().read(new Uint8Array(await response.arrayBuffer())).toSorted((a, b) => a.at - b.at);
}

const resultsOf = ({ form, body }: PanelAnswer) =>
  form === "frames"
    ? [...readFrames(body)].map(([refId, { status, error, frames }]) => [refId, status, error, frames.length])
    : form;

const ON_P = { ...QUERY, datasource: { uid: "p" } };
const CSV = { refId: "T", datasource: { uid: "t" }, scenarioId: "csv_metric_values", stringInput: "1,2" };

test("a query to a forbidden source does not affect the other queries of its panel and page", async () => {
  const { url } = await prometheus();
  await withRestricted(url, async (rig) => {
    const sum = { refId: "E", datasource: { uid: "__expr__" }, type: "math", expression: "$A + 1" };
    const panels = [[ON_P, CSV], [CSV], [{ ...ON_P, hide: true }, sum]];
    for (const sender of ["viewer", "editor", "anonymous"] as const) {
      const [both, other, expression] = (await askPanels(rig, sender, panels)).map(resultsOf);
      const refused = ["A", 403, FORBIDDEN, 0];
      expect([sender, both, other]).toEqual([
        sender,
        expect.arrayContaining([refused, ["T", 200, undefined, 1]]),
        [["T", 200, undefined, 1]],
      ]);
      expect(expression).toEqual([["E", expect.any(Number), expect.any(String), 0]]);
    }
    const [both] = (await askPanels(rig, "member", panels)).map(resultsOf);
    expect(both).toEqual(
      expect.arrayContaining([
        ["A", 200, undefined, 1],
        ["T", 200, undefined, 1],
      ]),
    );
  });
});

test("an answer that is kept for accounts with the right does not reach an account without it", async () => {
  const { url, count } = await prometheus();
  await withRestricted(url, async (rig) => {
    const [first] = await askPanels(rig, "member", [[ON_P]]);
    expect(resultsOf(first!)).toEqual([["A", 200, undefined, 1]]);
    const [kept] = await askPanels(rig, "admin", [[ON_P]], [{ ...RANGE, has: first!.tag }]);
    expect([kept!.form, count()]).toEqual(["unchanged", 1]);
    for (const sender of ["viewer", "editor", "anonymous"] as const) {
      const heads = [{ ...RANGE, has: first!.tag }, RANGE];
      const answers = await askPanels(rig, sender, [[ON_P], [ON_P]], heads);
      expect([sender, answers.map(resultsOf)]).toEqual([sender, [0, 1].map(() => [["A", 403, FORBIDDEN, 0]])]);
    }
    await rig.give("p", "");
    const [after] = (await askPanels(rig, "member", [[ON_P]])).map(resultsOf);
    expect([after, count()]).toEqual([[["A", 403, FORBIDDEN, 0]], 1]);
  });
});

test("a query does not join a running query of an account with the right", async () => {
  let [answer, begin] = [(): void => undefined, (): void => undefined];
  const [mayAnswer, began] = [new Promise<void>((go) => (answer = go)), new Promise<void>((go) => (begin = go))];
  const server = fastify();
  server.all("*", async () => {
    begin();
    await mayAnswer;
    return { status: "success", data: { resultType: "matrix", result: [{ metric: {}, values: [[0, "1"]] }] } };
  });
  onTestFinished(async () => server.close());
  const url = await server.listen({ port: 0, host: "127.0.0.1" });
  await withRestricted(url, async (rig) => {
    const asked = askPanels(rig, "member", [[ON_P]]);
    await began;
    const [refused] = (await askPanels(rig, "viewer", [[ON_P]])).map(resultsOf);
    expect(refused).toEqual([["A", 403, FORBIDDEN, 0]]);
    answer();
    expect(resultsOf((await asked)[0]!)).toEqual([["A", 200, undefined, 1]]);
  });
});

/** Roles that always have all rights. */
const ADMINS = ["Admin", "Admin"];

test("the permissions of a source are listed, and single ones are set and removed", async () => {
  await withRestricted("http://127.0.0.1:9", async ({ as, give }) => {
    const description = (await as("admin", "GET", "/api/access-control/datasources/description")).json;
    expect(description.permissions).toEqual(["Query", "Edit", "Admin"]);
    const listed = async (uid: string) =>
      (await as("admin", "GET", `/api/access-control/datasources/${uid}`)).json.map((item: Record<string, unknown>) => [
        item["builtInRole"] ?? item["team"] ?? item["userLogin"],
        item["permission"],
      ]);
    expect(await listed("p")).toEqual([["Operations", "Query"], ADMINS]);
    await give("t", "Admin");
    await as("member", "POST", "/api/access-control/datasources/t/users/2", { permission: "Edit" });
    await as("member", "POST", "/api/access-control/datasources/t/builtInRoles/Viewer", { permission: "" });
    expect(await listed("t")).toEqual([["Editor", "Query"], ["Operations", "Admin"], ["viewer", "Edit"], ADMINS]);
    const put = await as("viewer", "PUT", "/api/datasources/uid/t", { name: "T2", type: "testdata" });
    expect([
      put.status,
      (await listed("t")).length,
      (await as("editor", "GET", "/api/datasources/uid/t")).status,
    ]).toEqual([200, 4, 200]);
    expect((await as("anonymous", "GET", "/api/datasources/uid/t")).status).toBe(403);
  });
});

test("a provisioned source keeps its permissions when its file is read again, or removed and added again", async () => {
  const file = "provisioning/datasources/all.yml";
  const entry = "{name: P, uid: p, type: prometheus, url: 'http://127.0.0.1:9'}";
  const [head, P] = ["apiVersion: 1\nprune: true\n", `datasources:\n- ${entry}\n`];
  const use = async ({ as, folder }: Rig): Promise<void> => {
    const statusAfter = async (text: string): Promise<readonly number[]> => {
      writeBelow(folder, file, head + text);
      expect((await as("admin", "POST", "/api/admin/provisioning/datasources/reload")).status).toBe(200);
      const [viewer, member] = [
        as("viewer", "GET", "/api/datasources/uid/p"),
        as("member", "GET", "/api/datasources/uid/p"),
      ];
      return [(await viewer).status, (await member).status];
    };
    expect(await statusAfter(P.replace(":9", ":10"))).toEqual([403, 200]);
    expect(await statusAfter(`deleteDatasources:\n- {name: P}\n${P}`)).toEqual([403, 200]);
    expect(await statusAfter("")).toEqual([404, 404]);
    expect(await statusAfter(P)).toEqual([403, 200]);
  };
  await withRestricted("", use, { files: { [file]: head + P } });
});
