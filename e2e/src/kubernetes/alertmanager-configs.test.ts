import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type ApiObject, everyReceiver, KubernetesApi } from "@narthex/discovery/testing";
import { expect, test } from "vitest";
import { stringify } from "yaml";
import { eventually } from "../support/eventually.ts";
import { NotificationSink } from "../support/notification-sink.ts";
import { lacks, peers } from "../support/requirements.ts";
import { freePort } from "../support/ports.ts";
import { launcher, narthex, type Running, root } from "../support/running.ts";
import { Workplace } from "../support/workplace.ts";
import { type Access, accessOf, granted, sorted } from "./access-rules.ts";
import { schemaProblems } from "./api-schemas.ts";
import { objectsIn, podTemplates } from "./cluster-object.ts";
import { kustomizedWith } from "./kustomization.ts";

/** API permissions that the component grants, and the permission to read the Secret that an object names. */
const RIGHTS: readonly Access[] = sorted([
  ...granted(
    objectsIn(readFileSync(join(root, "deploy/kubernetes/components/alertmanager-configs/cluster-role.yaml"), "utf8")),
  ),
  "list secrets",
  "watch secrets",
]);

const alertmanagerConfig = (name: string, spec: object, version = "v1alpha1") => ({
  apiVersion: `monitoring.coreos.com/${version}`,
  kind: "AlertmanagerConfig",
  metadata: { name, namespace: "shop" },
  spec,
});

const hooked = (name: string, more: object = {}) =>
  alertmanagerConfig(name, {
    route: {
      receiver: "hook",
      groupBy: ["alertname"],
      groupWait: "1s",
      matchers: [{ name: "severity", value: "warning|critical", matchType: "=~" }],
    },
    receivers: [{ name: "hook", webhookConfigs: [{ urlSecret: { name: "hook", key: "url" } }] }],
    ...more,
  });

const secret = (url: string): ApiObject => ({
  metadata: { name: "hook", namespace: "shop" },
  data: { url: Buffer.from(url).toString("base64") },
});

/** Starts an Alertmanager with the file `am.yml` of the workplace. */
async function startManager(workplace: Workplace): Promise<{ readonly running: Running; readonly base: string }> {
  const port = await freePort();
  const running = narthex([
    "alertmanager",
    `--config.file=${workplace.path("am.yml")}`,
    `--storage.path=${workplace.path("data")}`,
    `--web.listen-address=127.0.0.1:${port}`,
    "--cluster.listen-address=",
  ]);
  const base = `http://127.0.0.1:${port}`;
  await running.ready(`${base}/-/ready`);
  return { running, base };
}

const read = async <T>(base: string, path: string): Promise<T> =>
  (await (await fetch(`${base}/api/v2/${path}`)).json()) as T;

async function fire(base: string, ...alerts: readonly Readonly<Record<string, string>>[]): Promise<void> {
  const answer = await fetch(`${base}/api/v2/alerts`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(alerts.map((labels) => ({ labels: { severity: "critical", ...labels } }))),
  });
  expect(answer.status).toBe(200);
}

const statesOf = async (base: string): Promise<readonly string[]> => {
  const { configs } = await read<{ configs: readonly Record<string, string>[] }>(base, "narthex/kubernetes-configs");
  return configs.map(({ state, namespace, name }) => `${state} ${namespace}/${name}`);
};

test("AlertmanagerConfigs route the alerts of their namespace, with the permissions of the component", async () => {
  using workplace = new Workplace();
  await using team = await NotificationSink.open();
  await using other = await NotificationSink.open();
  const requested = new Set<Access>();
  await using cluster = await KubernetesApi.start({
    gate: (request) => {
      requested.add(accessOf(request));
      return RIGHTS.includes(accessOf(request)) ? undefined : { status: 403, reason: "Forbidden" };
    },
  });
  cluster.put("secrets", secret(team.url));
  cluster.put("alertmanagerconfigs", hooked("web"));
  cluster.put("alertmanagerconfigs", hooked("bad", { receivers: [] }));
  const configFile = workplace.path("am.yml");
  workplace.write(
    "am.yml",
    stringify({
      route: { receiver: "file", group_by: ["alertname"], group_wait: "1s" },
      receivers: [{ name: "file", webhook_configs: [{ url: other.url }] }],
      kubernetes_alertmanager_configs: [{ api_server: cluster.url }],
    }),
  );
  expect(execFileSync(launcher, ["amtool", "check-config", configFile], { encoding: "utf8" })).toContain("SUCCESS");
  const { running, base } = await startManager(workplace);
  await using _ = running;

  await eventually("both objects", async () =>
    expect(await statesOf(base)).toEqual(["refused shop/bad", "accepted shop/web"]),
  );
  expect(running.output).toContain('undefined receiver \\"shop/bad/hook\\" used in route');
  await fire(base, { alertname: "A", namespace: "shop" }, { alertname: "B", namespace: "bank" });
  const namesAt = (sink: NotificationSink): readonly string[] =>
    sink.messages.map(({ alerts }) => alerts[0]!.labels["alertname"]!).toSorted();
  await eventually("the notifications", async () => {
    expect(namesAt(team)).toEqual(["A"]);
    expect(namesAt(other)).toEqual(["B"]);
  });
  expect(team.messages[0]!.groupKey).toBe('{}/{namespace="shop",severity=~"warning|critical"}:{alertname="A"}');

  // A changed Secret and a changed object are used, and nothing is notified again.
  cluster.put("secrets", secret(`${other.url}moved`));
  cluster.put("alertmanagerconfigs", hooked("bad"));
  await eventually("the corrected object", async () =>
    expect(await statesOf(base)).toEqual(["accepted shop/bad", "accepted shop/web"]),
  );
  await fire(base, { alertname: "C", namespace: "shop" });
  await eventually("the notifications of both objects", async () =>
    // The corrected object is notified of the old alert, too.
    expect(namesAt(other)).toEqual(["A", "B", "C", "C"]),
  );
  expect(namesAt(team)).toEqual(["A"]);
  const { config } = await read<{ config: { original: string } }>(base, "status");
  expect(config.original).not.toContain(team.url);

  cluster.remove("alertmanagerconfigs", "bad", "shop");
  cluster.remove("alertmanagerconfigs", "web", "shop");
  await eventually("no objects", async () => expect(await statesOf(base)).toEqual([]));
  await fire(base, { alertname: "D", namespace: "shop" });
  await eventually("the file's receiver", async () => expect(namesAt(other)).toContain("D"));
  expect(sorted(requested)).toEqual(RIGHTS);
});

test.skipIf(lacks("peers"))("the original amtool reads the routes of file and objects", async () => {
  using workplace = new Workplace();
  await using cluster = await KubernetesApi.start();
  const url = "https://hook.example/";
  const keys = ["opsgenie", "routing", "service", "user", "password", "proxy", "token", "bearer", "client", "oauth"];
  const more = ["wechat", "secret", "victorops", "access", "aws", "bot", "webex", "rocket", "rocketid"];
  cluster.put("secrets", {
    metadata: { name: "keys", namespace: "shop" },
    data: Object.fromEntries(
      [...[...keys, ...more].map((key) => [key, `S-${key}`] as const), ["url", url] as const].map(([key, value]) => [
        key,
        Buffer.from(value).toString("base64"),
      ]),
    ),
  });
  cluster.put("alertmanagerconfigs", every);
  workplace.write(
    "am.yml",
    stringify({
      route: { receiver: "file" },
      receivers: [{ name: "file" }],
      kubernetes_alertmanager_configs: [{ api_server: cluster.url }],
    }),
  );
  const { running, base } = await startManager(workplace);
  await using _ = running;
  await eventually("the object", async () => expect(await statesOf(base)).toEqual(["accepted shop/every"]));
  const amtool = (program: readonly string[], ...args: readonly string[]): string =>
    execFileSync(program[0]!, [...program.slice(1), ...args, `--alertmanager.url=${base}`], { encoding: "utf8" });
  const labels = ["namespace=shop", "severity=critical"];
  for (const program of [[join(peers, "amtool")], [launcher, "amtool"]]) {
    expect(amtool(program, "config", "routes", "show")).toContain(
      '{namespace="shop"}  continue: true  receiver: shop/every/all',
    );
    expect(amtool(program, "config", "routes", "test", ...labels).trim()).toBe("shop/every/all");
    expect(amtool(program, "config", "routes", "test", "namespace=bank").trim()).toBe("file");
  }
  const { config } = await read<{ config: { original: string } }>(base, "status");
  expect(config.original).not.toMatch(/S-|hook\.example/);
});

const every = alertmanagerConfig("every", { route: { receiver: "all" }, receivers: [everyReceiver] });

/** Fields of the API that are newer than the package of its schemas. */
const NEWER_FIELDS: ReadonlySet<string> = new Set(["updateMessage", "payload", "useAWSHTTPClient"]);

const withoutNewerFields = <T>(object: T): T =>
  JSON.parse(JSON.stringify(object, (key, value: unknown) => (NEWER_FIELDS.has(key) ? undefined : value))) as T;

test("the objects of these tests conform to the operator's definitions", async () => {
  const rule = { sourceMatch: [{ name: "a", value: "b", matchType: "=" }], targetMatch: [], equal: ["c"] };
  const interval = { name: "night", timeIntervals: [{ daysOfMonth: [{ start: 1, end: 5 }], times: [] }] };
  const objects = [
    hooked("web", { inhibitRules: [rule], muteTimeIntervals: [interval] }),
    withoutNewerFields(every),
    alertmanagerConfig(
      "newer",
      { route: { receiver: "a" }, receivers: [{ name: "a" }], timeIntervals: [interval] },
      "v1beta1",
    ),
  ];
  expect(await schemaProblems(objects)).toEqual([]);
});

test.skipIf(lacks("kubectl"))("the component gives the Alertmanager a token and the permissions", async () => {
  const objects = kustomizedWith("single", "alertmanager-configs");
  const pod = podTemplates(objects).find(({ owner }) => owner.metadata.name === "alertmanager")!;
  expect(pod.spec).toMatchObject({ automountServiceAccountToken: true, serviceAccountName: "alertmanager" });
  const binding = objects.find(
    ({ kind, metadata }) => kind === "ClusterRoleBinding" && metadata.name === "narthex-alertmanager-configs",
  );
  expect(binding).toMatchObject({ subjects: [{ kind: "ServiceAccount", name: "alertmanager", namespace: "narthex" }] });
  expect(await schemaProblems(objects)).toEqual([]);
});
