import { spawnSync } from "node:child_process";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { HttpClientConfig } from "@narthex/config";
import { createHttpClient } from "@narthex/http";
import { ManualClock, temporaryFolder } from "@narthex/runtime/testing";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { DiscovererRun } from "../../testing/discoverer-run.ts";
import type { ApiAccess } from "./api-server.ts";
import { ApiServer } from "./api-server.ts";
import { absoluteUrl } from "./direct-access.ts";
import { inClusterAccess } from "./in-cluster.ts";
import { kubeconfigAccess } from "./kubeconfig-access.ts";
import { kubernetesDiscoverer } from "./kubernetes.ts";
import { KubernetesApi, type KubernetesApiOptions } from "./testing/kubernetes-api.ts";

const lacksOpenssl = spawnSync("openssl", ["version"]).error !== undefined;
const folder = temporaryFolder();

beforeAll(async () => {
  const subject = ["-subj", "/CN=kube", "-addext", "subjectAltName=IP:127.0.0.1,DNS:kubernetes"];
  const files = ["-keyout", join(folder, "key.pem"), "-out", join(folder, "ca.crt")];
  spawnSync("openssl", [
    "req",
    "-x509",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:P-256",
    "-nodes",
    ...subject,
    ...files,
  ]);
});

async function serveApi(options: KubernetesApiOptions = {}): Promise<KubernetesApi> {
  const api = await KubernetesApi.start(options);
  onTestFinished(() => api[Symbol.asyncDispose]());
  api.put("pods", { metadata: { name: "one", namespace: "a" } });
  return api;
}

const tlsOptions = async () => ({
  tls: { cert: await readFile(join(folder, "ca.crt"), "utf8"), key: await readFile(join(folder, "key.pem"), "utf8") },
});

function context() {
  const stopping = new AbortController();
  onTestFinished(() => stopping.abort(new Error("stopped")));
  return { connect: createHttpClient, signal: stopping.signal, clock: new ManualClock(1_700_000_000_000) };
}

async function listWith(access: ApiAccess): Promise<string[]> {
  const { signal, clock } = context();
  const server = new ApiServer(access, "Prometheus/x");
  const list = (await server.json("/api/v1/pods", "application/json", { signal, clock, silenceMs: 1000 })) as {
    items: { metadata: { name: string } }[];
  };
  return list.items.map(({ metadata }) => metadata.name);
}

const authorizationOf = (api: KubernetesApi) => api.requests.map(({ headers }) => headers["authorization"]);

test.skipIf(lacksOpenssl)("in a cluster the service account's token is read again for each request", async () => {
  const api = await serveApi(await tlsOptions());
  await writeFile(join(folder, "token"), "first\n");
  await writeFile(join(folder, "namespace"), "team-a\n");
  const { hostname, port } = new URL(api.url);
  const env = { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port };
  const access = await inClusterAccess({ env, folder, needsNamespace: true }, context());
  expect(access).toMatchObject({ url: api.url, ownNamespace: "team-a" });
  expect(await listWith(access)).toEqual(["one"]);
  await writeFile(join(folder, "token"), "second\n");
  await listWith(access);
  expect(authorizationOf(api)).toEqual(["Bearer first", "Bearer second"]);
});

test("outside of a cluster the error names the missing setting", async () => {
  await expect(inClusterAccess({ env: {}, folder, needsNamespace: false }, context())).rejects.toThrow(
    /KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT must be defined; .* set api_server or kubeconfig_file/,
  );
});

test("an empty namespace file is reported", async () => {
  const own = await mkdtemp(join(folder, "account-"));
  await writeFile(join(own, "token"), "t");
  const env = { KUBERNETES_SERVICE_HOST: "fd00::1", KUBERNETES_SERVICE_PORT: "443" };
  const start = (needsNamespace: boolean) => inClusterAccess({ env, folder: own, needsNamespace }, context());
  expect((await start(false)).url).toBe("https://[fd00::1]:443");
  await expect(start(true)).rejects.toThrow(/could not determine the pod's namespace: ENOENT/);
  await writeFile(join(own, "namespace"), "\n");
  await expect(start(true)).rejects.toThrow("could not read own namespace name (empty file)");
});

test.each([
  ["x:8080", "http://x:8080"],
  ["https://x/k8s/", "https://x/k8s"],
  ["", "http://localhost"],
])("API server %j is %s", (given, url) => expect(absoluteUrl(given)).toBe(url));

async function kubeconfig(server: string, user: string, cluster = ""): Promise<string> {
  const path = join(await mkdtemp(join(folder, "kube-")), "config");
  const text = `apiVersion: v1
kind: Config
preferences: {}
current-context: here
clusters: [{name: c, cluster: {server: '${server}'${cluster}}}, {name: other, cluster: {server: 'http://nowhere'}}]
contexts: [{name: here, context: {cluster: c, user: u, namespace: n}}, {name: there, context: {cluster: other, user: u}}]
users: [{name: u, user: {${user}}}]
`;
  await writeFile(path, text);
  return path;
}

test.each([
  ["token: abc", "Bearer abc"],
  ["username: me, password: secret", `Basic ${Buffer.from("me:secret").toString("base64")}`],
  ["token: abc, username: me, password: secret", "Bearer abc"],
  ["", undefined],
])("a kubeconfig's user {%s}", async (user, authorization) => {
  const api = await serveApi();
  const access = await kubeconfigAccess(await kubeconfig(api.url, user), {}, context());
  expect(await listWith(access)).toEqual(["one"]);
  expect(authorizationOf(api)).toEqual([authorization]);
});

test("a kubeconfig's token file is relative to its folder, has precedence over its token, and is read again", async () => {
  const api = await serveApi();
  const path = await kubeconfig(api.url, "tokenFile: tokens/t, token: old, as: someone, as-groups: [devs]");
  await rm(join(path, "../tokens"), { force: true, recursive: true });
  spawnSync("mkdir", [join(path, "../tokens")]);
  await writeFile(join(path, "../tokens/t"), "from-file");
  const access = await kubeconfigAccess(path, {}, context());
  await listWith(access);
  await writeFile(join(path, "../tokens/t"), "rotated");
  await listWith(access);
  expect(authorizationOf(api)).toEqual(["Bearer from-file", "Bearer rotated"]);
  expect(api.requests[0]!.headers).toMatchObject({ "impersonate-user": "someone", "impersonate-group": "devs" });
});

test.skipIf(lacksOpenssl)("a kubeconfig's authority is read from data or a file, or is not checked", async () => {
  const api = await serveApi(await tlsOptions());
  const data = Buffer.from(await readFile(join(folder, "ca.crt"))).toString("base64");
  for (const cluster of [
    `, certificate-authority-data: '${data}'`,
    `, certificate-authority: '${folder}/ca.crt', tls-server-name: kubernetes`,
    ", insecure-skip-tls-verify: true",
  ]) {
    const access = await kubeconfigAccess(await kubeconfig(api.url, "token: a", cluster), {}, context());
    expect(await listWith(access)).toEqual(["one"]);
  }
  const stranger = await kubeconfigAccess(await kubeconfig(api.url, "token: a"), {}, context());
  await expect(listWith(stranger)).rejects.toThrow(/certificate/);
});

/** Creates a Kubernetes credential plugin that counts its runs and prints a credential. */
async function plugin(status: object, apiVersion = "client.authentication.k8s.io/v1") {
  const own = await mkdtemp(join(folder, "exec-"));
  const path = join(own, "print");
  const printed = JSON.stringify({ apiVersion, kind: "ExecCredential", status });
  const script = `#!/bin/sh\necho "$1 $EXTRA $KUBERNETES_EXEC_INFO" >> ${own}/runs\ncat <<'END'\n${printed}\nEND\n`;
  await writeFile(path, script);
  await chmod(path, 0o755);
  return { path, runs: async () => (await readFile(join(own, "runs"), "utf8")).trimEnd().split("\n") };
}

const execUser = (command: string, more = ""): string =>
  `exec: {apiVersion: client.authentication.k8s.io/v1, command: '${command}', args: [get], env: [{name: EXTRA, value: x}], interactiveMode: Never${more}}`;

test("a credential plugin runs once, again when its token expires, and again when the server refuses it", async () => {
  let refuses = false;
  const api = await serveApi({
    gate: () => (refuses ? { status: 401, reason: "Unauthorized", message: "Unauthorized" } : undefined),
  });
  const { path, runs } = await plugin({ token: "tok", expirationTimestamp: "2023-11-14T23:13:20Z" });
  const one = context();
  const config = await kubeconfig(api.url, execUser(path, ", provideClusterInfo: true"));
  const access = await kubeconfigAccess(config, process.env, one);
  await listWith(access);
  await listWith(access);
  expect(authorizationOf(api)).toEqual(["Bearer tok", "Bearer tok"]);
  expect(await runs()).toHaveLength(1);
  const [, , info] = /^(get x) (.*)$/.exec((await runs())[0]!)!;
  expect(JSON.parse(info!)).toMatchObject({
    apiVersion: "client.authentication.k8s.io/v1",
    kind: "ExecCredential",
    spec: { interactive: false, cluster: { server: api.url } },
  });
  await one.clock.advance(3_600_001);
  await listWith(access);
  expect(await runs()).toHaveLength(2);
  one.clock.setWall(1_700_000_000_000);
  await listWith(access);
  expect(await runs()).toHaveLength(2);
  refuses = true;
  await expect(listWith(access)).rejects.toThrow("Unauthorized");
  refuses = false;
  await listWith(access);
  expect(await runs()).toHaveLength(3);
});

test("each client certificate of a plugin has its own client", async () => {
  const made: string[] = [];
  const own = await mkdtemp(join(folder, "certs-"));
  const put = (n: number) =>
    writeFile(
      join(own, "out"),
      `{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"clientCertificateData":"cert${n}","clientKeyData":"key${n}"}}`,
    );
  await put(1);
  const one = {
    ...context(),
    connect: ({ tls, authorization }: HttpClientConfig) => {
      made.push(`+${tls.cert} ${tls.key!.reveal()} ${authorization === undefined}`);
      return Promise.resolve({
        request: () => Promise.reject(new Error("unused")),
        close: () => Promise.resolve(void made.push(`-${tls.cert}`)),
      });
    },
  };
  const user = execUser("cat").replace("[get]", `['${own}/out']`);
  const access = await kubeconfigAccess(await kubeconfig("https://x", user), process.env, one);
  await access.open();
  await access.open();
  access.refused();
  await access.open();
  await put(2);
  access.refused();
  await access.open();
  expect(made).toEqual(["+cert1 key1 true", "+cert2 key2 true", "-cert1"]);
});

test.skipIf(lacksOpenssl)("watches and lists use HTTP/2 if the server supports it", async () => {
  const api = await serveApi(await tlsOptions());
  const yaml = `{role: endpoints, api_server: '${api.url}', attach_metadata: {node: true}, tls_config: {ca_file: '${folder}/ca.crt'}}`;
  api.put("endpoints", { metadata: { name: "web", namespace: "a" }, subsets: [] });
  await using run = new DiscovererRun(kubernetesDiscoverer, yaml);
  expect((await run.next()).map(({ source }) => source)).toEqual(["endpoints/a/web"]);
  await api.until(() => api.watches.length === 4);
  expect(new Set(api.requests.map(({ httpVersion }) => httpVersion))).toEqual(new Set(["2.0"]));
  for (let i = 0; i < 5; i++) {
    const subsets = [{ addresses: [{ ip: `10.0.0.${i}` }], ports: [{ port: 1 }] }];
    api.put("endpoints", { metadata: { name: "web", namespace: "a" }, subsets });
    expect((await run.next())[0]!.targets[0]!.get("__address__")).toBe(`10.0.0.${i}:1`);
  }
  await run.clock.advance(2000);
  api.endWatches();
  await api.until(() => api.watches.length === 4);
  api.disconnect();
  while (api.watches.length < 4) await run.clock.advance(100);
});

test("errors of a plugin are reported", async () => {
  const start = async (user: string) => {
    const access = await kubeconfigAccess(await kubeconfig("http://127.0.0.1:1", user), process.env, context());
    return access.open();
  };
  const { path } = await plugin({});
  await expect(start(execUser(path))).rejects.toThrow(/printed neither token nor clientCertificateData/);
  const half = await plugin({ clientCertificateData: "x" });
  await expect(start(execUser(half.path))).rejects.toThrow(
    /printed only one of clientCertificateData and clientKeyData/,
  );
  const old = await plugin({ token: "t" }, "client.authentication.k8s.io/v1beta1");
  await expect(start(execUser(old.path))).rejects.toThrow(
    /plugin returned version client.authentication.k8s.io\/v1beta1/,
  );
  await expect(start(execUser("no-such-plugin-here", ", installHint: 'get it'"))).rejects.toThrow(
    "exec plugin no-such-plugin-here: not found. get it",
  );
  await expect(start("exec: {apiVersion: client.authentication.k8s.io/v1alpha1, command: x}")).rejects.toThrow(
    /invalid apiVersion "client.authentication.k8s.io\/v1alpha1"/,
  );
  await expect(start("auth-provider: {name: gcp}")).rejects.toThrow(/auth-provider "gcp" was removed/);
});

test.each([
  ["clusters: []", /no current-context; set one of its contexts/],
  ["current-context: x", /context "x" does not exist/],
  ["{current-context: x, contexts: [{name: x, context: {cluster: y}}]}", /cluster "y" does not exist/],
  [
    "{current-context: x, contexts: [{name: x, context: {cluster: y}}], clusters: [{name: y}]}",
    /cluster "y" has no server/,
  ],
  [
    "{current-context: x, contexts: [{name: x, context: {cluster: y, user: z}}], clusters: [{name: y, cluster: {server: 'http://a'}}]}",
    /user "z" does not exist/,
  ],
  ["clusters: 5", /config:1: .*cannot unmarshal/],
  ["a: [", /config:\d+: /],
])("kubeconfig %s is refused", async (text, message) => {
  const path = join(await mkdtemp(join(folder, "bad-")), "config");
  await writeFile(path, text);
  await expect(kubeconfigAccess(path, {}, context())).rejects.toThrow(message);
});

test("insecure_skip_verify with an authority, and several groups, are refused", async () => {
  const start = async (user: string, cluster: string) =>
    kubeconfigAccess(await kubeconfig("https://x", user, cluster), {}, context());
  await expect(start("", ", insecure-skip-tls-verify: true, certificate-authority: x")).rejects.toThrow(/not allowed/);
  await expect(start("as: a, as-groups: [b, c]", "")).rejects.toThrow(/several values of impersonate-group/);
  await expect(start("as-groups: [b]", "")).rejects.toThrow(/need the field as/);
});
