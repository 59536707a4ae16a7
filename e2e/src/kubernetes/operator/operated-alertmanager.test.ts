import { expect, test } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { freePort } from "../../support/ports.ts";
import { Workplace } from "../../support/workplace.ts";
import { MovedContainer } from "../moved-container.ts";

const CONFIG = "/etc/alertmanager/config_out/alertmanager.env.yaml";
const WEB_CONFIG = "/etc/alertmanager/web_config/web-config.yaml";

const config = (receiver: string): string =>
  `route:\n  receiver: "${receiver}"\n  routes: []\nreceivers:\n- name: "${receiver}"\ntemplates: ['/etc/alertmanager/templates/*.tmpl']\n`;

const peer = (i: number): string => `alertmanager-main-${i}.alertmanager-operated:9094`;

/**
 * Returns the arguments that prometheus-operator 0.93 passes to an Alertmanager. `own` contains arguments from fields
 * of the Alertmanager resource.
 */
const args = (replicas: number, listen: string, ...own: readonly string[]): string[] => [
  `--config.file=${CONFIG}`,
  "--storage.path=/alertmanager",
  "--data.retention=120h",
  `--cluster.listen-address=${listen}`,
  "--web.listen-address=:9093",
  ...own,
  "--cluster.peer-name=$(POD_NAME)",
  "--cluster.label=monitoring/main",
  ...Array.from({ length: replicas }, (_, i) => `--cluster.peer=${peer(i)}`),
  "--cluster.reconnect-timeout=5m",
  `--web.config.file=${WEB_CONFIG}`,
];

interface Pod {
  readonly workplace: Workplace;
  readonly name: string;
  readonly prefix?: string;
  readonly args: readonly string[];
}

const start = ({ workplace, name, prefix = "", args: given }: Pod): Promise<MovedContainer> =>
  MovedContainer.start(workplace, {
    role: "alertmanager",
    container: {
      args: given,
      livenessProbe: { httpGet: { path: `${prefix}/-/healthy`, port: "web" } },
      readinessProbe: { httpGet: { path: `${prefix}/-/ready`, port: "web" } },
    },
    env: { POD_IP: "127.0.0.1", POD_NAME: name },
    folders: ["/alertmanager", "/etc/alertmanager/certs"],
    files: { [CONFIG]: config("one"), [WEB_CONFIG]: "" },
  });

interface Status {
  readonly cluster: { readonly name?: string; readonly status: string; readonly peers?: readonly { name: string }[] };
  readonly config: { readonly original: string };
}

const status = async (base: string): Promise<Status> => (await (await fetch(`${base}/api/v2/status`)).json()) as Status;

test.each([
  ["one replica", "", ["--web.route-prefix=/"]],
  ["routePrefix and externalUrl", "/am", ["--web.external-url=https://example.com/am", "--web.route-prefix=/am"]],
  [
    "every field that becomes an argument",
    "",
    [
      "--enable-feature=receiver-name-in-metrics",
      "--web.route-prefix=/",
      "--web.get-concurrency=10",
      "--silences.max-silences=100",
      "--silences.max-per-silence-bytes=65536",
      "--dispatch.start-delay=0s",
      "--log.level=debug",
      "--log.format=json",
      "--cluster.gossip-interval=200ms",
      "--cluster.pushpull-interval=1m",
      "--cluster.peer-timeout=15s",
    ],
  ],
])("an Alertmanager of prometheus-operator's: %s", async (_, prefix, own) => {
  using workplace = new Workplace();
  await using run = await start({ workplace, name: "alertmanager-main-0", prefix, args: args(1, "", ...own) });
  await run.probed();
  const base = run.base + prefix;
  expect((await status(base)).cluster).toMatchObject({ status: "disabled" });
  workplace.write(CONFIG, config("two"));
  expect((await fetch(`${base}/-/reload`, { method: "POST" })).status).toBe(200);
  expect((await status(base)).config.original).toContain("two");
  workplace.write(CONFIG, "route: {receiver: nobody}\n");
  expect((await fetch(`${base}/-/reload`, { method: "POST" })).status).toBe(500);
  expect((await status(base)).config.original).toContain("two");
});

test("limits.maxPerSilenceBytes limits silences, with the operator's name for the flag", async () => {
  using workplace = new Workplace();
  const given = args(1, "", "--web.route-prefix=/", "--silences.max-per-silence-bytes=300");
  await using run = await start({ workplace, name: "alertmanager-main-0", args: given });
  await run.probed();
  const silence = async (comment: string): Promise<number> => {
    const body = JSON.stringify({
      matchers: [{ name: "a", value: "b", isRegex: false }],
      startsAt: new Date().toISOString(),
      endsAt: new Date(Date.now() + 3_600_000).toISOString(),
      createdBy: "me",
      comment,
    });
    const headers = { "content-type": "application/json" };
    return (await fetch(`${run.base}/api/v2/silences`, { method: "POST", headers, body })).status;
  };
  expect(await silence("short")).toBe(200);
  expect(await silence("long".repeat(100))).toBe(400);
});

test("three replicas of prometheus-operator form one cluster, with their pods' names", async () => {
  const names = [0, 1, 2].map((i) => `alertmanager-main-${i}`);
  const ports = await Promise.all(names.map(() => freePort()));
  using workplaces = new DisposableStack();
  await using runs = new AsyncDisposableStack();
  const bases: string[] = [];
  for (const [i, name] of names.entries()) {
    const workplace = workplaces.use(new Workplace());
    // Replaces each pod's DNS name in the arguments by an address with its own port, because all pods run on this
    // machine.
    const here = args(3, `[$(POD_IP)]:${ports[i]}`, "--web.route-prefix=/").map((arg) =>
      ports.reduce((text, port, k) => text.replace(peer(k), `127.0.0.1:${port}`), arg),
    );
    // oxlint-disable-next-line no-await-in-loop -- pods start one after the other
    bases.push(runs.use(await start({ workplace, name, args: here })).base);
  }
  for (const [i, base] of bases.entries()) {
    // oxlint-disable-next-line no-await-in-loop -- each pod must know all members before the next check
    await eventually(`${names[i]} knows all`, async () => {
      const { cluster } = await status(base);
      expect(cluster.name).toBe(names[i]);
      expect(cluster.peers?.map(({ name }) => name).toSorted()).toEqual(names);
    });
  }
});
