import { writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { temporaryFolder, type TestHost, testHost } from "@narthex/runtime/testing";
import { expect, test, vi } from "vitest";
import { main } from "../main.ts";
import { machineAddresses } from "./machine-addresses.ts";

function hostFor(args: readonly string[]): TestHost {
  const folder = temporaryFolder();
  const file = join(folder, "alertmanager.yml");
  writeFileSync(file, "route: {receiver: a}\nreceivers: [{name: a}]\n");
  return testHost(
    [`--config.file=${file}`, `--storage.path=${folder}/data`, "--web.listen-address=127.0.0.1:0", ...args],
    { env: { NARTHEX_UI_DIR: join(folder, "no-ui") } },
  );
}

interface ClusterAnswer {
  readonly name?: string;
  readonly peers: readonly { readonly address: string; readonly name: string }[];
  readonly status: string;
}

/** Starts an Alertmanager. */
async function start(args: readonly string[]) {
  const host = hostFor(args);
  const ended = main(host);
  const address = await host.listening(ended);
  const url = `http://${address}`;
  const cluster = async (): Promise<ClusterAnswer> =>
    ((await (await fetch(`${url}/api/v2/status`)).json()) as { cluster: ClusterAnswer }).cluster;
  return {
    url,
    host,
    cluster,
    async stop() {
      host.requestStop();
      expect(await ended).toBe(0);
    },
  };
}

const ON = ["--cluster.listen-address=127.0.0.1:0", "--cluster.settle-timeout=0s"];

const silence = {
  matchers: [{ name: "a", value: "b", isRegex: false }],
  startsAt: "2026-01-01T00:00:00Z",
  endsAt: "2999-01-01T00:00:00Z",
  createdBy: "me",
  comment: "c",
};

test("without a listen address an instance is in no cluster", async () => {
  const one = await start(["--cluster.listen-address="]);
  expect(await one.cluster()).toEqual({ peers: [], status: "disabled" });
  const metrics = await (await fetch(`${one.url}/metrics`)).text();
  expect(metrics).toContain("alertmanager_cluster_enabled 0\n");
  expect(metrics).not.toContain("alertmanager_cluster_members");
  await one.stop();
});

test("an instance shares its silences with the peer in its flags until it leaves the cluster", async () => {
  const first = await start([...ON, "--cluster.peer-name=zed"]);
  const { address } = (await first.cluster()).peers[0]!;
  expect(address).toMatch(/^127\.0\.0\.1:[1-9]\d*$/);
  const second = await start([...ON, "--cluster.peer-name=abe", `--cluster.peer=${address}`]);
  await vi.waitUntil(async () => (await first.cluster()).peers.length === 2);
  expect(await first.cluster()).toEqual({
    name: "zed",
    peers: [
      { address: expect.stringMatching(/^127\.0\.0\.1:/) as string, name: "abe" },
      { address, name: "zed" },
    ],
    status: "ready",
  });
  await fetch(`${second.url}/api/v2/silences`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(silence),
  });
  const shared = await vi.waitUntil(async () => {
    const found = (await (await fetch(`${first.url}/api/v2/silences`)).json()) as unknown[];
    return found.length > 0 ? found : undefined;
  });
  expect(shared).toMatchObject([{ createdBy: "me", matchers: [{ name: "a" }] }]);
  const metrics = await (await fetch(`${first.url}/metrics`)).text();
  expect(metrics).toContain("alertmanager_cluster_members 2\n");
  expect(metrics).toContain("alertmanager_peer_position 1\n");
  expect(metrics).toContain('alertmanager_cluster_peer_info{peer="zed"} 1\n');
  await second.stop();
  await vi.waitUntil(async () => (await first.cluster()).peers.length === 1);
  await first.stop();
});

test("an instance sends no notifications until the cluster has settled, and reports this state", async () => {
  const one = await start(["--cluster.listen-address=127.0.0.1:0", "--cluster.gossip-interval=1ms"]);
  await vi.waitUntil(async () => (await one.cluster()).status === "ready");
  expect(one.host.output.stderr).toContain('msg="gossip settled; proceeding"');
  await one.stop();
  const waiting = await start(["--cluster.listen-address=127.0.0.1:0"]);
  expect((await waiting.cluster()).status).toBe("settling");
  await waiting.stop();
});

test.each([
  ["--cluster.listen-address=foo", "invalid listen address: address foo: missing port in address"],
  ["--cluster.listen-address=127.0.0.1:abc", "address 127.0.0.1:abc: invalid port: strconv.Atoi: parsing"],
  ["--cluster.advertise-address=foo", "invalid advertise address: address foo: missing port in address"],
  ["--cluster.advertise-address=host.name:94", 'Failed to parse advertise address \\"host.name\\"'],
  ["--cluster.peer=nope", "resolve peers: split host/port for peer nope: address nope: missing port in address"],
  ["--cluster.probe-interval=0s", "--cluster.probe-interval must be positive when clustering is enabled"],
])("%s ends the start", async (flag, reason) => {
  const on = flag.startsWith("--cluster.listen") ? [] : ON;
  const host = hostFor([...on, flag]);
  expect(await main(host)).toBe(1);
  expect(host.output.stderr).toMatch(/level=ERROR msg="unable to initialize gossip mesh" err=/);
  expect(host.output.stderr).toContain(reason);
});

test("if the cluster port is in use or a TLS file is missing, the start fails", async () => {
  const server: Server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const host = hostFor([`--cluster.listen-address=127.0.0.1:${port}`]);
  expect(await main(host)).toBe(1);
  expect(host.output.stderr).toContain(`listen tcp 127.0.0.1:${port}: bind: address already in use`);
  server.close();
  const tls = hostFor(["--cluster.tls-config=/nope.yml", "--cluster.listen-address="]);
  expect(await main(tls)).toBe(1);
  expect(tls.output.stderr).toContain(
    'msg="unable to initialize TLS transport configuration for gossip mesh" err="open /nope.yml: no such file or directory"',
  );
});

test("a system that does not allow reading its addresses has none, so that a given address is used", () => {
  const refuse = (): never => {
    throw new Error("uv_interface_addresses returned Unknown system error 97");
  };
  expect(machineAddresses(refuse)).toEqual({ interfaces: [], defaultInterface: undefined });
});
