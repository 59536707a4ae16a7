import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { decodeYaml } from "@narthex/config";
import { temporaryFolder } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { DiscovererRun } from "../../testing/discoverer-run.ts";
import { labelsOf, refreshError, startWith, targetsOf } from "../../testing/one-answer.ts";
import { marathonDiscoverer } from "./marathon.ts";

const section = (url: string): string => `servers: ["${url}"]`;
const task = { id: "t1", host: "agent", ports: [31000, 31001], ipAddresses: [{ ipAddress: "2001:db8::1" }] };

const found = async (app: object): Promise<unknown> =>
  targetsOf(marathonDiscoverer, section, { body: { apps: [app] } });

/** Returns address, index of the port and other labels of all targets of an app. */
async function ports(app: object): Promise<unknown> {
  const targets = (await found({ id: "/a", tasks: [task], ...app })) as Readonly<Record<string, string>>[];
  const isOfPort = (name: string): boolean => name !== "__meta_marathon_app" && name !== "__meta_marathon_task";
  return targets.map((labels) =>
    Object.keys(labels)
      .filter(isOfPort)
      .map((name) => labels[name])
      .join(" "),
  );
}

test("a target has the labels of its app, task and port", async () => {
  const app = {
    id: "/team/web",
    labels: { "team.name": "a" },
    container: {
      docker: { image: "web:1" },
      portMappings: [{ hostPort: 0, labels: { "p-1": "x" } }, { hostPort: 80 }],
    },
    tasks: [task],
  };
  const shared = {
    __meta_marathon_app: "/team/web",
    __meta_marathon_image: "web:1",
    __meta_marathon_app_label_team_name: "a",
    __meta_marathon_task: "t1",
  };
  expect(await found(app)).toEqual([
    {
      ...shared,
      __address__: "agent:31000",
      __meta_marathon_port_index: "0",
      __meta_marathon_port_mapping_label_p_1: "x",
    },
    { ...shared, __address__: "agent:80", __meta_marathon_port_index: "1" },
  ]);
});

const container = [{ mode: "container" }];
const mappings = [{ containerPort: 90, hostPort: 0 }];

test.each<[string, object, readonly string[]]>([
  [
    "a container network has its own addresses",
    { networks: container, container: { portMappings: mappings } },
    ["[2001:db8::1]:90 0"],
  ],
  [
    "a container network without an address uses the host",
    { networks: container, container: { portMappings: mappings }, tasks: [{ ...task, ipAddresses: [] }] },
    ["agent:90 0"],
  ],
  [
    "Marathon before 1.5",
    { container: { docker: { portMappings: [{ hostPort: 1 }, {}] } } },
    ["agent:1 0", "agent:31001 1"],
  ],
  [
    "port definitions",
    { portDefinitions: [{ port: 5, labels: { a: "b" } }, { port: 6 }] },
    ["agent:31000 b 0", "agent:31001 1"],
  ],
  ["required ports", { requirePorts: true, portDefinitions: [{ port: 5 }, {}] }, ["agent:5 0", "agent:31001 1"]],
  ["a chosen port without a number", { portDefinitions: [{ port: 5 }] }, ["agent:0 0"]],
  [
    "only the ports of tasks",
    { tasks: [task, { ...task, host: "b", ports: [7] }] },
    ["agent:31000 0", "agent:31001 1", "b:7 0"],
  ],
  ["no ports", { tasks: [{ ...task, ports: null }] }, []],
])("addresses with %s", async (_, app, expected) => {
  expect(await ports(app)).toEqual(expected);
});

test("a target has the labels of its port definition", async () => {
  const portDefinitions = [{ port: 5, labels: { "p.1": "x" } }];
  expect(await found({ id: "/a", tasks: [{ ...task, ports: [31_000] }], portDefinitions })).toMatchObject([
    { __address__: "agent:31000", __meta_marathon_port_definition_label_p_1: "x" },
  ]);
});

test("an app without tasks and an app that vanished have no targets", async () => {
  const { api, run } = await startWith(marathonDiscoverer, section, {
    body: { apps: [{ id: "/a", tasks: [task] }, { id: "/b", tasks: [task] }, { id: "/c" }] },
  });
  await run.next();
  expect([...run.groups.keys()]).toEqual(["/a", "/b"]);
  api.answer = () => ({
    body: {
      apps: [
        { id: "/a", tasks: [] },
        { id: "/c", tasks: [task] },
      ],
    },
  });
  const next = run.next();
  await run.clock.advance(30_000);
  await next;
  expect([...run.groups.keys()]).toEqual(["/c"]);
});

test("the token's file is read for each request, and must be readable at the start", async () => {
  const file = join(temporaryFolder(), "token");
  await writeFile(file, " canary-1\n");
  const { api, run } = await startWith(marathonDiscoverer, (url) => `${section(url)}\nauth_token_file: ${file}`, {
    body: { apps: [{ id: "/a", tasks: [task] }] },
  });
  await labelsOf(run);
  await writeFile(file, "canary-2");
  const next = run.next();
  await run.clock.advance(30_000);
  await next;
  expect(api.requests.map(({ headers }) => headers.authorization)).toEqual(["token=canary-1", "token=canary-2"]);
  await rm(file);
  while (run.logger.lines.length === 0) await run.clock.advance(30_000);
  expect(run.logger.lines[0]!.fields["err"]).toBe(
    `unable to read auth token file ${file}: open ${file}: no such file or directory`,
  );
  const second = new DiscovererRun(marathonDiscoverer, `${section("http://127.0.0.1:1")}\nauth_token_file: ${file}`);
  await expect(second[Symbol.asyncDispose]()).rejects.toThrow("unable to read auth token file");
});

test.each<[unknown, string]>([
  ["{", "answer is not JSON: "],
  [{ apps: {} }, 'field "apps" of the answer is of type object, but array is expected'],
  [{ apps: [{ id: 1 }] }, 'field "apps[0].id" of the answer is of type number, but string is expected'],
  [
    { apps: [{ tasks: [{ ports: [1.5] }] }] },
    'field "apps[0].tasks[0].ports[0]" of the answer is of type number, but integer is expected',
  ],
])("the answer %j is a failed refresh", async (body, message) => {
  expect(await refreshError(marathonDiscoverer, section, { body })).toContain(message);
});

test.each([
  ["{}", "marathon_sd: must contain at least one Marathon server", 1],
  ["servers: []", "marathon_sd: must contain at least one Marathon server", 1],
  [
    "servers: [a]\nauth_token: a\nauth_token_file: b",
    "marathon_sd: at most one of auth_token & auth_token_file must be configured",
    2,
  ],
  [
    "servers: [a]\nauth_token: a\nbasic_auth: {}",
    "marathon_sd: at most one of basic_auth, auth_token & auth_token_file must be configured",
    2,
  ],
  [
    "servers: [a]\nauth_token_file: a\nbearer_token: b",
    "marathon_sd: at most one of bearer_token, bearer_token_file, auth_token & auth_token_file must be configured",
    2,
  ],
  [
    "servers: [a]\nauth_token: a\nauthorization: {credentials: b}",
    "marathon_sd: at most one of auth_token, auth_token_file & authorization must be configured",
    2,
  ],
  ["servers: [a]\nnope: 1", "field nope not found in type marathon.plain", 2],
])("the section %j is refused", (yaml, message, line) => {
  expect(decodeYaml(yaml, "test.yml", marathonDiscoverer.codec)).toMatchObject({
    ok: false,
    problems: [{ message, line }],
  });
});
