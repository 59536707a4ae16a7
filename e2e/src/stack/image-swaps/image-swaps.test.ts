import { pbkdf2Sync } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import { beforeAll, expect, test } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { lacks } from "../../support/requirements.ts";
import { buildImages, ComposeProject, lacksPrograms } from "./compose-project.ts";

// The commands without which this test is skipped. The test uses compose files like those that users publish: our
// images start with the volumes of the original programs' images, and then the original images start again.

const absent = lacks("docker", "peers") || lacksPrograms;

beforeAll(async () => {
  if (!absent) await buildImages();
}, 900_000);

const ANN = { authorization: `Basic ${Buffer.from("ann:secret").toString("base64")}` };
const OWNER = { authorization: `Basic ${Buffer.from("owner:changed-since").toString("base64")}` };

/** Sends a request on a new connection, because a kept connection may lead to a removed container. */
const send = (url: string, { headers, ...init }: RequestInit = {}): Promise<Response> =>
  fetch(url, { ...init, headers: { ...(headers as Record<string, string>), connection: "close" } });

async function json<T>(url: string, init: RequestInit = {}): Promise<T> {
  const response = await send(url, init);
  const text = await response.text();
  if (!response.ok) throw new Error(`${url}: ${response.status} ${text}`);
  return JSON.parse(text) as T;
}

const post = <T>(url: string, body: unknown): Promise<T> =>
  json(url, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });

type Series = Readonly<Record<string, string>>;
type Point = readonly [seconds: number, value: string];

/** Runs a query. Resolves with the values of a vector, or all samples of a matrix. */
async function answered(
  server: string,
  query: string,
  { at, headers = {} }: { readonly at?: number; readonly headers?: Readonly<Record<string, string>> } = {},
): Promise<string[]> {
  const time = at === undefined ? {} : { time: String(at) };
  const url = `${server}/api/v1/query?${String(new URLSearchParams({ query, ...time }))}`;
  const { data } = await json<{
    data: { result: { metric: Series; value?: Point; values?: readonly Point[] }[] };
  }>(url, { headers });
  return data.result
    .map(({ metric, value, values }) => `${JSON.stringify(metric)} ${value?.[1] ?? JSON.stringify(values)}`)
    .sort();
}

/** Seconds after which all samples of a scrape or an evaluation are in the database. */
const SETTLED = 5;

/**
 * Waits until a selector has had `count` series for a while. The returned function waits until all samples of these
 * series are stored.
 */
async function observed(
  server: string,
  selector: string,
  count: number,
  headers: Readonly<Record<string, string>> = {},
): Promise<() => Promise<void>> {
  const at = await eventually(`${count} series of ${selector}`, async () => {
    const moment = Date.now() / 1000 - SETTLED;
    const found = await answered(server, selector, { at: moment, headers });
    expect(found).toHaveLength(count);
    return moment;
  });
  const read = (): Promise<string[]> => answered(server, `${selector}[1m]`, { at, headers });
  const before = await read();
  return () => eventually(`all samples of ${selector}`, async () => expect(await read()).toEqual(before));
}

interface Silenced {
  readonly labels: Series;
  readonly status: { readonly state: string; readonly silencedBy: readonly string[] };
}

const silence = (alertname: string): object => ({
  matchers: [{ name: "alertname", value: alertname, isRegex: false, isEqual: true }],
  startsAt: new Date().toISOString(),
  endsAt: new Date(Date.now() + 7_200_000).toISOString(),
  createdBy: "ann",
  comment: "while it moves",
});

/** Waits until an Alertmanager has an alert that is suppressed by a silence. */
const untilSilenced = (alertmanager: string, alertname: string, silenceId: string): Promise<void> =>
  eventually(`${alertname} is silenced`, async () => {
    const alerts = await json<Silenced[]>(`${alertmanager}/api/v2/alerts`);
    const found = alerts.filter(({ labels }) => labels["alertname"] === alertname);
    expect(found.map(({ status }) => status.silencedBy)).toEqual([[silenceId]]);
  });

test
  .skipIf(absent)
  .concurrent(
    "a server with another port, a prefix, a password and a user of its own goes on with a folder of the host",
    async () => {
      const { project, at } = await ComposeProject.of("single-server", ["PROMETHEUS"]);
      await using _ = project;
      const server = `${at.PROMETHEUS}/prometheus`;
      await project.giveFolder("data", "1000:1000");
      await project.up("theirs");
      const earlyStays = await observed(server, 'up{job="prometheus"}', 1, ANN);

      await project.up("ours");
      await earlyStays();
      const lateStays = await observed(server, "prometheus_build_info", 1, ANN);
      expect((await send(`${server}/api/v1/query?query=up`)).status).toBe(401);
      expect((await send(`${at.PROMETHEUS}/metrics`, { headers: ANN })).status).toBe(404);
      expect(await project.owners("data")).toEqual(["1000"]);

      await project.up("theirs");
      await earlyStays();
      await lateStays();
    },
  );

test
  .skipIf(absent)
  .concurrent("the scripts of `narthex migrate` switch a compose project over and back, with all samples", async () => {
    const { project, at } = await ComposeProject.of("single-server", ["PROMETHEUS"]);
    await using _ = project;
    const server = `${at.PROMETHEUS}/prometheus`;
    const program = async (): Promise<string> =>
      (await json<{ data: { goVersion: string } }>(`${server}/api/v1/status/buildinfo`, { headers: ANN })).data
        .goVersion;
    await project.giveFolder("data", "1000:1000");
    await project.up("theirs");
    const original = await program();
    const earlyStays = await observed(server, 'up{job="prometheus"}', 1, ANN);

    await project.migrate();
    await project.runScript("switch-over.sh");
    expect(await program()).not.toBe(original);
    await earlyStays();
    const lateStays = await observed(server, "prometheus_build_info", 1, ANN);

    await project.runScript("go-back.sh");
    expect(await program()).toBe(original);
    await earlyStays();
    await lateStays();
  });

/**
 * Writes a database like Grafana's, with a dashboard and an admin. The admin's password differs from the password in
 * the compose file.
 */
function writeGrafanaFile(file: string): void {
  const database = new DatabaseSync(file);
  database.exec(
    `CREATE TABLE user (id INTEGER, login TEXT, email TEXT, name TEXT, password TEXT, salt TEXT, is_admin INTEGER);
     CREATE TABLE org_user (org_id INTEGER, user_id INTEGER, role TEXT);
     CREATE TABLE dashboard (id INTEGER, org_id INTEGER, uid TEXT, title TEXT, data TEXT, is_folder INTEGER, folder_id INTEGER);
     INSERT INTO org_user VALUES (1, 1, 'Admin');
     INSERT INTO dashboard VALUES (1, 1, 'of-grafana', 'Made in Grafana', '{"title": "Made in Grafana", "panels": []}', 0, 0)`,
  );
  const password = pbkdf2Sync("changed-since", "salt", 10_000, 50, "sha256").toString("hex");
  database.prepare("INSERT INTO user VALUES (1, 'owner', 'owner@example.org', '', ?, 'salt', 1)").run(password);
  database.close();
}

const ORIGINALS = ["prometheus", "alertmanager", "pushgateway", "nodeexporter"];

test
  .skipIf(absent)
  .concurrent("a stack with named volumes goes on with samples, alerts, silences and pushed groups", async () => {
    const { project, at } = await ComposeProject.of("whole-stack", [
      "PROMETHEUS",
      "ALERTMANAGER",
      "PUSHGATEWAY",
      "GRAFANA",
    ]);
    await using _ = project;
    const push = async (job: string, body: string): Promise<void> => {
      const { status } = await send(`${at.PUSHGATEWAY}/metrics/job/${job}`, { method: "PUT", body });
      expect(status).toBe(200);
    };
    await project.up("theirs", ...ORIGINALS);
    await push("backup", "backup_age_seconds 42\n");
    const earlyStays = await observed(at.PROMETHEUS, '{__name__=~"up|backup_age_seconds|node_boot_time_seconds"}', 6);
    const { silenceID } = await post<{ silenceID: string }>(
      `${at.ALERTMANAGER}/api/v2/silences`,
      silence("batch_job_is_late"),
    );
    await untilSilenced(at.ALERTMANAGER, "batch_job_is_late", silenceID);

    writeGrafanaFile(project.path("grafana.db"));
    await project.putFile("grafana_data", "grafana.db", "472:0");

    await project.up("ours");
    await earlyStays();
    await untilSilenced(at.ALERTMANAGER, "batch_job_is_late", silenceID);
    await push("report", "report_rows 7\n");
    const made = await post<{ silenceID: string }>(`${at.ALERTMANAGER}/api/v2/silences`, silence("made_by_ours"));
    const lateStays = await observed(at.PROMETHEUS, '{__name__=~"backup_age_seconds|report_rows"}', 2);
    await eventually("every target answers", async () =>
      expect(await answered(at.PROMETHEUS, "sum(up)")).toEqual(["{} 4"]),
    );
    await observed(at.PROMETHEUS, `container_last_seen{name="${project.name}-grafana-1"}`, 1);
    expect(await answered(at.PROMETHEUS, 'count({__name__=~"container_label_.+"})')).toEqual([]);

    const grafana = `${at.GRAFANA}/grafana`;
    const { dashboard } = await json<{ dashboard: { title: string } }>(`${grafana}/api/dashboards/uid/targets`);
    expect(dashboard.title).toBe("Targets");
    const kept = `${grafana}/api/dashboards/uid/of-grafana`;
    expect(await json(kept, { headers: OWNER })).toMatchObject({ dashboard: { title: "Made in Grafana" } });
    expect(await json(`${grafana}/api/datasources/uid/prometheus-main`, { headers: OWNER })).toMatchObject({
      name: "Prometheus",
      isDefault: true,
    });
    const proxied = `${grafana}/api/datasources/proxy/uid/prometheus-main/api/v1/query?query=count(up)`;
    expect(await json(proxied, { headers: OWNER })).toMatchObject({
      data: { result: [{ value: [expect.any(Number), "4"] }] },
    });

    for (const volume of ["prometheus_data", "alertmanager_data"])
      expect(await project.owners(volume), volume).toEqual(["65534"]);
    expect(await project.owners("pushgateway_data")).toEqual(["0"]);
    expect(await project.owners("grafana_data")).toEqual(["472"]);

    await project.up("theirs", ...ORIGINALS);
    await earlyStays();
    await lateStays();
    await untilSilenced(at.ALERTMANAGER, "batch_job_is_late", silenceID);
    expect(await json(`${at.ALERTMANAGER}/api/v2/silence/${made.silenceID}`)).toMatchObject({ createdBy: "ann" });
    await observed(at.PROMETHEUS, '{__name__=~"backup_age_seconds|report_rows"}', 2);
  });

const [SERVERS, ALERTMANAGERS] = [
  ["PROMETHEUS_1", "PROMETHEUS_2"] as const,
  ["ALERTMANAGER_1", "ALERTMANAGER_2", "ALERTMANAGER_3"] as const,
];

test
  .skipIf(absent)
  .concurrent("two servers and a cluster of three Alertmanagers go on, each with its volume", async () => {
    const { project, at } = await ComposeProject.of("high-availability", [...SERVERS, ...ALERTMANAGERS]);
    await using _ = project;
    const alertmanagers = ALERTMANAGERS.map((name) => `${at[name]}/alerts`);
    const toAll = (work: (base: string) => Promise<unknown>): Promise<unknown> => Promise.all(alertmanagers.map(work));
    const members = (base: string): Promise<void> =>
      eventually("the cluster has three members", async () => {
        const { cluster } = await json<{ cluster: { status: string; peers: unknown[] } }>(`${base}/api/v2/status`);
        expect([cluster.status, cluster.peers.length]).toEqual(["ready", 3]);
      });
    await project.up("theirs");
    await toAll(members);
    const early = await Promise.all(SERVERS.map((name) => observed(at[name], '{__name__=~"up|job:up:sum"}', 7)));
    const { silenceID } = await post<{ silenceID: string }>(`${alertmanagers[0]}/api/v2/silences`, silence("Watchdog"));
    await toAll((base) => untilSilenced(base, "Watchdog", silenceID));

    await project.up("ours");
    await toAll(members);
    for (const staysThere of early) await staysThere();
    await toAll((base) => untilSilenced(base, "Watchdog", silenceID));
    const late = await Promise.all(SERVERS.map((name) => observed(at[name], "job:up:sum", 2)));
    for (const volume of ["prometheus-1", "prometheus-2", "alertmanager-1", "alertmanager-2"])
      expect(await project.owners(volume), volume).toEqual(["65534"]);

    await project.up("theirs");
    await toAll(members);
    for (const staysThere of [...early, ...late]) await staysThere();
    await toAll((base) => untilSilenced(base, "Watchdog", silenceID));
  });
