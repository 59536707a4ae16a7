import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type ApiObject, KubernetesApi } from "@narthex/discovery/testing";
import type { TestHost } from "@narthex/runtime/testing";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { folderWith, hostFor, withAlertmanager } from "../testing/running-alertmanager.ts";

let notifications: string[] = [];
let hook: string;
const sink = createServer((request, response) => {
  let body = "";
  request.on("data", (part: Buffer) => (body += part.toString()));
  request.on("end", () => {
    for (const { labels, status } of (JSON.parse(body) as { alerts: Alert[] }).alerts)
      notifications.push(
        `${request.url} ${labels["alertname"]} ${status} ${request.headers.authorization ?? ""}`.trim(),
      );
    response.end();
  });
});

interface Alert {
  readonly labels: Readonly<Record<string, string>>;
  readonly status: string;
}

beforeEach(async () => {
  notifications = [];
  await new Promise<void>((resolve) => sink.listen(0, "127.0.0.1", resolve));
  hook = `http://127.0.0.1:${(sink.address() as AddressInfo).port}`;
});

afterEach(() => void sink.close());

const fileOf = (api: { readonly url: string }, entry = "", more = ""): string => `
route: {receiver: file, group_wait: 0s, group_by: [alertname, namespace]}
receivers: [{name: file, webhook_configs: [{url: '${hook}/file'}]}]
kubernetes_alertmanager_configs: [{api_server: '${api.url}'${entry}}]
${more}`;

const object = (namespace: string, name: string, receiver: object = {}, spec: object = {}): ApiObject => ({
  metadata: { name, namespace },
  spec: {
    route: { receiver: "hook" },
    receivers: [{ name: "hook", webhookConfigs: [{ url: `${hook}/${namespace}-${name}`, ...receiver }] }],
    ...spec,
  },
});

const secret = (namespace: string, name: string, values: Readonly<Record<string, string>>): ApiObject => ({
  metadata: { name, namespace },
  data: Object.fromEntries(Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString("base64")])),
});

interface Started {
  readonly url: string;
  readonly host: TestHost;
  readonly write: (text: string) => void;
}

/** Runs an Alertmanager with the given configuration file. */
async function withConfig(text: string, use: (started: Started) => Promise<void>): Promise<void> {
  const place = folderWith(text);
  const host = hostFor(place);
  await withAlertmanager(host, (url) => use({ url, host, write: (changed) => writeFileSync(place.file, changed) }));
}

async function fire(url: string, ...alerts: readonly Readonly<Record<string, string>>[]): Promise<void> {
  const answer = await fetch(`${url}/api/v2/alerts`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(alerts.map((labels) => ({ labels }))),
  });
  expect(answer.status).toBe(200);
}

const json = async <T>(url: string, path: string): Promise<T> =>
  (await (await fetch(`${url}/api/v2/${path}`)).json()) as T;

const configs = async (url: string): Promise<readonly string[]> => {
  const { configs: found } = await json<{ configs: readonly Record<string, string>[] }>(
    url,
    "narthex/kubernetes-configs",
  );
  return found.map(({ state, namespace, name, error }) => `${state} ${namespace}/${name} ${error}`.trim());
};

const original = async (url: string): Promise<string> =>
  (await json<{ config: { original: string } }>(url, "status")).config.original;

const untilConfigs = (url: string, ...expected: readonly string[]): Promise<unknown> =>
  vi.waitFor(async () => expect(await configs(url)).toEqual(expected), { timeout: 10_000 });

test("alerts reach the receiver of their namespace's object and the file's; other namespaces are not affected", async () => {
  await using api = await KubernetesApi.start();
  api.put("alertmanagerconfigs", object("shop", "web"));
  api.put("alertmanagerconfigs", object("bank", "web", { httpConfig: { bearerTokenSecret: { name: "t", key: "t" } } }));
  api.put("secrets", secret("bank", "t", { t: "one" }));
  await withConfig(fileOf(api), async ({ url }) => {
    await untilConfigs(url, "accepted bank/web", "accepted shop/web");
    await fire(url, { alertname: "A", namespace: "shop" }, { alertname: "B", namespace: "bank" }, { alertname: "C" });
    await vi.waitUntil(() => notifications.length === 3);
    expect(notifications.toSorted()).toEqual(["/bank-web B firing Bearer one", "/file C firing", "/shop-web A firing"]);
    const text = await original(url);
    expect(text).toContain("bank/web/hook");
    expect(text).not.toMatch(/Bearer one|kubernetes_alertmanager_configs|: one$/m);
    const receivers = await json<readonly { name: string }[]>(url, "receivers");
    expect(receivers.map(({ name }) => name)).toEqual(["file", "bank/web/hook", "shop/web/hook"]);
    const groups = await json<readonly { receiver: { name: string } }[]>(url, "alerts/groups");
    expect(groups.map(({ receiver }) => receiver.name).toSorted()).toEqual(["bank/web/hook", "file", "shop/web/hook"]);

    api.put("secrets", secret("bank", "t", { t: "two" }));
    await vi.waitUntil(async () => {
      await fire(url, { alertname: `D${notifications.length}`, namespace: "bank" });
      return notifications.some((line) => line.endsWith("Bearer two"));
    });
    expect(await (await fetch(url.replace(/$/, "/metrics"))).text()).toContain(
      'narthex_kubernetes_alertmanager_configs{state="accepted"} 2',
    );
  });
});

test("an invalid object is refused alone, with the reason, and is accepted when it is corrected", async () => {
  await using api = await KubernetesApi.start();
  api.put("alertmanagerconfigs", object("shop", "web"));
  api.put("alertmanagerconfigs", object("shop", "bad", { url: "no url" }));
  api.put("alertmanagerconfigs", object("shop", "lost", { urlSecret: { name: "none", key: "k" } }));
  const cert = { cert: { secret: { name: "tls", key: "c" } }, keySecret: { name: "tls", key: "k" } };
  api.put("alertmanagerconfigs", object("shop", "tls", { httpConfig: { tlsConfig: cert } }));
  api.put("secrets", secret("shop", "tls", { c: "no certificate", k: "no key" }));
  await withConfig(fileOf(api), async ({ url, host }) => {
    const states = async (): Promise<readonly string[]> => (await configs(url)).map((line) => line.split(" ")[0]!);
    const expected = ["refused", "refused", "refused", "accepted"];
    await vi.waitFor(async () => expect(await states()).toEqual(expected), { timeout: 10_000 });
    const [bad, lost, tls] = await configs(url);
    expect(bad).toMatch(
      /^refused shop\/bad receivers\[0\]\.webhook_configs\[0\]: field url is no valid URL; its value is not shown/,
    );
    expect(lost).toBe('refused shop/lost receivers[0].webhookConfigs[0].urlSecret: secret "none" not found');
    expect(tls).toMatch(/^refused shop\/tls .+/);
    expect(tls).not.toContain("no key");
    expect(host.output.stderr).toMatch(/AlertmanagerConfig is refused.* object=shop\/bad/);
    await fire(url, { alertname: "A", namespace: "shop" });
    await vi.waitUntil(() => notifications.length > 0);
    expect(notifications).toEqual(["/shop-web A firing"]);
    api.put("alertmanagerconfigs", object("shop", "bad"));
    api.remove("alertmanagerconfigs", "lost", "shop");
    api.remove("alertmanagerconfigs", "tls", "shop");
    await untilConfigs(url, "accepted shop/bad", "accepted shop/web");
    expect(host.output.stderr).toMatch(/AlertmanagerConfig is no longer refused.* object=shop\/bad/);
    await vi.waitUntil(() => notifications.includes("/shop-bad A firing"));
    // A change of the configuration does not repeat notifications.
    expect(notifications.filter((line) => line.startsWith("/shop-web"))).toHaveLength(1);
  });
});

test("before the first list of objects nothing is notified, also not the file's receiver", async () => {
  let isOpen = false;
  await using api = await KubernetesApi.start({ gate: () => (isOpen ? undefined : { status: 503 }) });
  api.put("alertmanagerconfigs", object("shop", "web"));
  await withConfig(fileOf(api), async ({ url }) => {
    await fire(url, { alertname: "A", namespace: "shop" }, { alertname: "B" });
    await api.until(() => api.requests.length > 1);
    expect(notifications).toEqual([]);
    isOpen = true;
    await vi.waitUntil(() => notifications.length === 2, { timeout: 20_000 });
    expect(notifications.toSorted()).toEqual(["/file B firing", "/shop-web A firing"]);
  });
});

test("while the API cannot be reached, known objects stay in force, also over a reload of the file", async () => {
  let isOpen = true;
  await using api = await KubernetesApi.start({ gate: () => (isOpen ? undefined : { status: 503 }) });
  api.put("alertmanagerconfigs", object("shop", "web"));
  await withConfig(fileOf(api), async ({ url, write }) => {
    await untilConfigs(url, "accepted shop/web");
    isOpen = false;
    api.disconnect();
    write(fileOf(api, "", "templates: []"));
    expect((await fetch(`${url}/-/reload`, { method: "POST" })).status).toBe(200);
    await fire(url, { alertname: "A", namespace: "shop" });
    await vi.waitUntil(() => notifications.length > 0);
    expect(notifications).toEqual(["/shop-web A firing"]);
    write("{route: {receiver: x}, receivers: [{name: x}]}");
    expect((await fetch(`${url}/-/reload`, { method: "POST" })).status).toBe(200);
    expect(await configs(url)).toEqual([]);
    expect(await original(url)).not.toContain("shop/web");
  });
});

test("a file that a reload refuses changes nothing, and objects are still followed", async () => {
  await using api = await KubernetesApi.start();
  await withConfig(fileOf(api), async ({ url, write }) => {
    write(fileOf(api, "", "route: {}"));
    expect((await fetch(`${url}/-/reload`, { method: "POST" })).status).toBe(500);
    api.put("alertmanagerconfigs", object("shop", "web"));
    await untilConfigs(url, "accepted shop/web");
    expect(await original(url)).toContain("shop/web/hook");
    expect(await (await fetch(`${url}/metrics`)).text()).toContain("alertmanager_config_last_reload_successful 0");
  });
});

test("v1beta1 objects, selectors and matcher strategies are applied", async () => {
  await using api = await KubernetesApi.start();
  const labelled = object("shop", "web", {}, { timeIntervals: [{ name: "n", timeIntervals: [] }] });
  api.put("alertmanagerconfigs", { ...labelled, metadata: { ...labelled.metadata, labels: { use: "yes" } } });
  api.put("alertmanagerconfigs", object("shop", "other"));
  const entry = ", api_version: v1beta1, selector: use=yes, matcher_strategy: None";
  await withConfig(fileOf(api, entry), async ({ url }) => {
    await untilConfigs(url, "accepted shop/web");
    expect(api.requests.every(({ path, resource }) => resource === "secrets" || path.includes("/v1beta1/"))).toBe(true);
    await fire(url, { alertname: "A", namespace: "bank" });
    await vi.waitUntil(() => notifications.length > 0);
    expect(notifications).toEqual(["/shop-web A firing"]);
  });
});

test("one of 1,000 objects gets an alert; a spec that is nested without end is refused", async () => {
  await using api = await KubernetesApi.start();
  let routes: unknown = {};
  for (let i = 0; i < 2000; i++) routes = { routes: [routes] };
  api.put("alertmanagerconfigs", object("a", "deep", {}, { route: { receiver: "hook", routes: [routes] } }));
  for (let i = 0; i < 1000; i++) api.put("alertmanagerconfigs", object(`n${i}`, "web"));
  await withConfig(fileOf(api), async ({ url }) => {
    const refused = "refused a/deep spec is nested more than 100 deep";
    await vi.waitFor(async () => expect((await configs(url)).slice(0, 2)).toEqual([refused, "accepted n0/web"]), {
      timeout: 30_000,
    });
    expect(await configs(url)).toHaveLength(1001);
    await fire(url, { alertname: "A", namespace: "n777" }, { alertname: "B", namespace: "a" });
    await vi.waitUntil(() => notifications.length === 2, { timeout: 30_000 });
    expect(notifications.toSorted()).toEqual(["/file B firing", "/n777-web A firing"]);
    api.put("alertmanagerconfigs", object("n777", "other"));
    await vi.waitUntil(() => notifications.includes("/n777-other A firing"), { timeout: 30_000 });
    expect(notifications).toHaveLength(3);
  });
}, 120_000);
