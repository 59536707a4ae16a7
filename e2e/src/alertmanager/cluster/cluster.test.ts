import { join } from "node:path";
import { testSeed } from "@narthex/runtime/testing";
import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { describe, duplicatesIn, excuseFor, ExpectedAlerts } from "./expected-alerts.ts";
import { NetworkLab } from "./network-lab.ts";
import { type Host, HOSTS, PEER_TIMEOUT_MS, AlertmanagerCluster } from "./alertmanager-cluster.ts";
import { Random } from "../../support/random.ts";
import { eventually, Fatal } from "../../support/eventually.ts";
import { lacks, peers } from "../../support/requirements.ts";
import { ProcessorWatch } from "../../support/processor-watch.ts";
import { narthex, Running } from "../../support/running.ts";
import { Authority } from "../../support/certificates.ts";
import { Workplace } from "../../support/workplace.ts";

interface Cluster {
  readonly name: string;
  readonly peers: readonly { readonly address: string; readonly name: string }[];
  readonly status: string;
}

const clusterAt = async (url: string): Promise<Cluster> =>
  ((await (await fetch(`${url}/api/v2/status`)).json()) as { cluster: Cluster }).cluster;

/** Starts an Alertmanager instance on free ports. Reads its URL from its log. */
async function start(workplace: Workplace, name: string, flags: readonly string[]) {
  const config = workplace.write("am.yml", "route: {receiver: a}\nreceivers: [{name: a}]\n");
  const running = narthex([
    "alertmanager",
    `--config.file=${config}`,
    `--storage.path=${workplace.path(name)}`,
    "--web.listen-address=127.0.0.1:0",
    "--cluster.listen-address=127.0.0.1:0",
    "--cluster.settle-timeout=0s",
    `--cluster.peer-name=${name}`,
    ...flags,
  ]);
  const address = await eventually(`${name} listens`, async () => {
    if (running.child.exitCode !== null) throw new Fatal(running.output);
    const found = /Listening on" address=(\S+)/.exec(running.stderr)?.[1];
    if (found === undefined) throw new Error(running.output);
    return found;
  });
  return { running, url: `http://${address}` };
}

test("three instances see each other within two seconds of the last start, and amtool shows them", async () => {
  using workplace = new Workplace();
  const first = await start(workplace, "c", []);
  await using _first = first.running;
  const { address } = (await clusterAt(first.url)).peers[0]!;
  const second = await start(workplace, "a", [`--cluster.peer=${address}`]);
  await using _second = second.running;
  const third = await start(workplace, "b", [`--cluster.peer=${address}`]);
  await using _third = third.running;
  const begun = Date.now();
  using watches = new DisposableStack();
  const everyone = [first, second, third].map(({ running }) => running.child.pid!).concat(process.pid);
  const each = everyone.map((pid) => watches.use(new ProcessorWatch(() => [pid])));
  const limit = (): number => each.reduce((sum, watch) => sum + watch.waited(begun, Date.now()), 2000);
  for (const { url } of [first, second, third]) {
    const clusterStatus = async (): Promise<Cluster> => {
      const seen = await clusterAt(url);
      if (seen.peers.length < 3) throw new Error(JSON.stringify(seen));
      return seen;
    };
    const { status, peers: seen } = await eventually(`${url} sees three`, clusterStatus, limit);
    expect([status, ...seen.map(({ name }) => name)]).toEqual(["ready", "a", "b", "c"]);
  }
  await using amtool = narthex(["amtool", `--alertmanager.url=${second.url}`, "cluster", "show", "-o", "extended"]);
  await amtool.ended;
  expect(amtool.stdout).toMatch(/^Cluster Status:\s+ready\s+Node Name:\s+a\s+Address\s+Name\s/);
  expect(amtool.stdout).toContain(address);
});

test.skipIf(lacks("peers"))("amtool prints the same about ours as the original amtool", async () => {
  using workplace = new Workplace();
  const { running, url } = await start(workplace, "lone", []);
  await using _ = running;
  const shown = ["cluster", "show", "-o", "extended"];
  await using ours = narthex(["amtool", `--alertmanager.url=${url}`, ...shown]);
  await using theirs = new Running(join(peers, "amtool"), [`--alertmanager.url=${url}`, ...shown]);
  await Promise.all([ours.ended, theirs.ended]);
  expect(ours.stdout.split(/\s+/)).toEqual(theirs.stdout.split(/\s+/));
});

test("with TLS, instances with a certificate of the authority form a cluster, and a stranger stays alone", async () => {
  using workplace = new Workplace();
  const tlsFile = (name: string, authority: Authority): string => {
    const { cert, key } = authority.issue({ name, alternatives: "IP:127.0.0.1" });
    const files = { cert: workplace.write(`${name}.pem`, cert), key: workplace.write(`${name}.key`, key) };
    const side = `{cert_file: ${files.cert}, key_file: ${files.key}`;
    const ca = workplace.write("ca.pem", trusted.pair.cert);
    return workplace.write(
      `${name}.yml`,
      `tls_server_config: ${side}, client_auth_type: RequireAndVerifyClientCert, client_ca_file: ${ca}}\n` +
        `tls_client_config: ${side}, ca_file: ${ca}}\n`,
    );
  };
  const trusted = new Authority(workplace.folder, "trusted");
  const first = await start(workplace, "a", [`--cluster.tls-config=${tlsFile("a", trusted)}`]);
  await using _first = first.running;
  const { address } = (await clusterAt(first.url)).peers[0]!;
  const peer = `--cluster.peer=${address}`;
  const second = await start(workplace, "b", [peer, `--cluster.tls-config=${tlsFile("b", trusted)}`]);
  await using _second = second.running;
  const forged = tlsFile("x", new Authority(workplace.folder, "other"));
  const stranger = await start(workplace, "x", [peer, `--cluster.tls-config=${forged}`]);
  await using _stranger = stranger.running;
  const plain = await start(workplace, "y", [peer]);
  await using _plain = plain.running;
  await eventually("the two meet", async () => {
    expect((await clusterAt(second.url)).peers.map(({ name }) => name)).toEqual(["a", "b"]);
    expect((await clusterAt(first.url)).peers.map(({ name }) => name)).toEqual(["a", "b"]);
  });
  for (const { running, url } of [stranger, plain]) {
    await eventually("a stranger gives up", async () => expect(running.stderr).toContain("failed to join cluster"));
    expect((await clusterAt(url)).peers).toHaveLength(1);
  }
  const metrics = await (await fetch(`${first.url}/metrics`)).text();
  expect(metrics).toMatch(/alertmanager_tls_transport_stream_connections_received_total [1-9]/);
});

/** Number of alert groups in the test of the Alertmanager cluster. */
const GROUPS = 200;
const CHAOS_MS = Number(process.env["NARTHEX_CHAOS_SECONDS"] ?? 18) * 1000;
/** Time in ms after which all three instances have had their time slot to notify about a group. */
const TURNS_MS = 2 * PEER_TIMEOUT_MS + 2000;

/**
 * Randomly cuts network links and kills, stops and restarts Alertmanager instances. At the end, all instances run and
 * are connected.
 */
async function chaos(cluster: AlertmanagerCluster, random: Random, until: number): Promise<readonly string[]> {
  const done: string[] = [];
  const ended = new Map<Host, ReturnType<AlertmanagerCluster["disturb"]>>();
  const back = async (host: Host): Promise<void> => {
    await cluster.startInstance(host);
    ended.get(host)!.until = Date.now();
    ended.delete(host);
  };
  while (Date.now() < until) {
    const host = random.pick(HOSTS);
    const others = HOSTS.filter((other) => other !== host);
    const what = random.pick(["cut", "cut", "isolate", "heal", "kill", "kill", "stop"] as const);
    if (what === "heal") cluster.heal();
    else if (what === "cut") cluster.cut(host, random.pick(others));
    else if (what === "isolate") others.forEach((other) => cluster.cut(host, other));
    else if (ended.has(host)) await back(host);
    else {
      ended.set(host, cluster.disturb("ended", [host]));
      await cluster.end(host, what === "kill" ? "SIGKILL" : "SIGTERM");
    }
    done.push(`${what} ${host}`);
    await pause(1000 + random.below(3000));
  }
  await Promise.all([...ended.keys()].map(back));
  cluster.heal();
  await cluster.agreed(20_000);
  return done;
}

/** Fires and resolves alerts in random groups, and creates and expires silences at random Alertmanager instances. */
async function changeAlerts(
  cluster: AlertmanagerCluster,
  expected: ExpectedAlerts,
  random: Random,
  isOver: () => boolean,
): Promise<void> {
  const silences: string[] = [];
  while (!isOver()) {
    for (let i = 0; i < 6; i++) {
      const alert = random.pick(expected.alerts);
      if (random.chance(50)) expected.fire(alert.group);
      else alert.endsAt ??= Date.now();
    }
    await cluster.request("POST", "/api/v2/alerts", expected.body());
    const host = random.pick(HOSTS);
    if (silences.length > 0 && random.chance(40))
      await cluster.request("DELETE", `/api/v2/silence/${random.pick(silences)}`, undefined, [host]);
    else {
      const [made] = await cluster.request("POST", "/api/v2/silences", silenceOf(silences.length), [host]);
      if (made?.status === 200) silences.push((JSON.parse(made.text) as { silenceID: string }).silenceID);
    }
    await pause(700);
  }
}

/** Returns a silence that matches no alert of this test. */
const silenceOf = (number: number): unknown => ({
  matchers: [{ name: "other", value: String(number), isRegex: false }],
  startsAt: new Date(Date.now() - 1000).toISOString(),
  endsAt: new Date(Date.now() + 3_600_000).toISOString(),
  createdBy: "test",
  comment: "c",
});

/**
 * Sends the current alerts to all instances repeatedly, as Prometheus does, until every alert has a notification of its
 * state.
 */
async function untilNotified(cluster: AlertmanagerCluster, expected: ExpectedAlerts, limitMs: number): Promise<void> {
  const check = async (): Promise<void> => {
    await cluster.request("POST", "/api/v2/alerts", expected.body());
    await pause(900);
    expect(expected.missing(cluster.notifications)).toEqual([]);
  };
  await eventually("every notification arrives", check, cluster.withoutWaits(limitMs));
}

const silencesAt = async (cluster: AlertmanagerCluster): Promise<readonly unknown[]> =>
  (await cluster.request("GET", "/api/v2/silences")).map((answer) =>
    (JSON.parse(answer?.text ?? "[]") as { id: string }[]).toSorted((a, b) => (a.id < b.id ? -1 : 1)),
  );

test.skipIf(lacks("network lab"))(
  "three instances that are killed and cut off from each other send every notification, and duplicates only during disturbances (network lab)",
  async () => {
    const seed = testSeed();
    const random = new Random(seed);
    using workplace = new Workplace();
    using lab = new NetworkLab(4);
    await using cluster = new AlertmanagerCluster(lab, workplace);
    await cluster.start();
    await cluster.agreed(20_000);
    const expected = new ExpectedAlerts();
    for (let i = 0; i < GROUPS; i++) expected.fire(`g${i}`);
    await untilNotified(cluster, expected, 15_000);
    await pause(TURNS_MS);
    const unexcused = (): string[] =>
      duplicatesIn(cluster.notifications)
        .filter((one) => excuseFor(one, cluster.disturbances, TURNS_MS) === undefined)
        .map(describe);
    expect(unexcused(), `seed ${seed}: a calm start`).toEqual([]);

    let isOver = false;
    const changing = changeAlerts(cluster, expected, random, () => isOver);
    const done = await chaos(cluster, random, Date.now() + CHAOS_MS);
    isOver = true;
    await changing;
    await untilNotified(cluster, expected, 30_000);
    await eventually(`seed ${seed}: silences agree`, async () => {
      const [first, ...others] = await silencesAt(cluster);
      for (const other of others) expect(other).toEqual(first);
    });
    await pause(TURNS_MS);

    // Creates new groups after the disturbances, so that all instances flush the groups at the same time.
    for (let i = 0; i < GROUPS; i++) expected.fire(`new${i}`);
    await untilNotified(cluster, expected, 15_000);
    await pause(TURNS_MS);
    const duplicates = duplicatesIn(cluster.notifications);
    const excuses = duplicates.map((one) => excuseFor(one, cluster.disturbances, TURNS_MS));
    const counts = new Map<string, number>();
    for (const excuse of excuses) counts.set(excuse ?? "no reason", (counts.get(excuse ?? "no reason") ?? 0) + 1);
    const shares = [...counts].map(([excuse, count]) => `${count} (${excuse})`).join(", ");
    process.stdout.write(
      `seed ${seed}: ${done.join(", ")}; ${cluster.notifications.length} notifications of ${expected.alerts.length} alerts, twice: ${shares || "none"}\n`,
    );
    expect(unexcused(), `seed ${seed}`).toEqual([]);
    const late = duplicates.filter(({ again }, i) => again.body.groupKey.includes("new") && excuses[i] !== "slow");
    expect(late.map(describe), `seed ${seed}: calm again`).toEqual([]);
  },
);
