import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, globSync, mkdirSync, readFileSync, readlinkSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { freePort } from "../../support/ports.ts";
import { api, instant } from "../../support/query.ts";
import { lacks, peers } from "../../support/requirements.ts";
import { launcher, narthex, Running } from "../../support/running.ts";
import { Workplace } from "../../support/workplace.ts";

interface PrintedPlan {
  readonly verdict: string;
  readonly roles: readonly {
    readonly role: string;
    readonly wouldRun: readonly string[];
    readonly user: string;
    readonly data: readonly { readonly path: string }[];
    readonly notes: readonly { readonly level: string; readonly text: string }[];
  }[];
}

/** Runs `narthex migrate`. */
const migrate = (cwd: string, ...args: readonly string[]) =>
  spawnSync(launcher, ["migrate", ...args], { cwd, encoding: "utf8" });

function planOf(cwd: string, ...args: readonly string[]): PrintedPlan {
  const { stdout, stderr } = migrate(cwd, "--json", ...args);
  if (stdout === "") throw new Error(stderr);
  return JSON.parse(stdout) as PrintedPlan;
}

async function json(url: string, init?: RequestInit): Promise<unknown> {
  const response = await fetch(url, init);
  const text = await response.text();
  if (!response.ok) throw new Error(`${url}: ${response.status} ${text}`);
  return text === "" ? undefined : JSON.parse(text);
}

/** Resolves with the number of scrapes that a server has stored until a Unix time in seconds. */
async function scrapesUntil(base: string, at: number): Promise<number> {
  const [sum] = await instant(base, "sum(count_over_time(up[1h]))", at);
  return Number(sum?.value[1] ?? 0);
}

const goVersion = async (base: string): Promise<string> =>
  (await api<{ goVersion: string }>(base, "status/buildinfo")).goVersion;

const now = (): number => Date.now() / 1000;

const SCRAPING = (port: number): string =>
  `global: {scrape_interval: 200ms, scrape_timeout: 200ms}\nscrape_configs: [{job_name: self, static_configs: [{targets: ["127.0.0.1:${port}"]}]}]\n`;

/** Returns the process id in a pid file. The file's second line identifies the start of the process. */
const startedPid = (file: string): number => Number(readFileSync(file, "utf8").split("\n", 1)[0]);

/** Ends programs that scripts have started, by their pid files. */
class Started implements AsyncDisposable {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const file of globSync(join(this.#folder, "*.pid"))) {
      const pid = startedPid(file);
      try {
        process.kill(pid, "SIGKILL");
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
        // The process has already ended.
        continue;
      }
      await eventually(`process ${pid} ends`, async () => {
        const status = existsSync(`/proc/${pid}`) ? readFileSync(`/proc/${pid}/status`, "utf8") : "State:\tX";
        if (!/^State:\s*[XZ]/m.test(status)) throw new Error(status);
      });
    }
  }
}

test.skipIf(lacks("peers"))(
  "the plan's scripts replace running originals in place with all their data, and restore them",
  async () => {
    using workplace = new Workplace();
    const [prometheus, alertmanager, pushgateway, exporter] = [
      await freePort(),
      await freePort(),
      await freePort(),
      await freePort(),
    ];
    const base = (port: number): string => `http://127.0.0.1:${port}`;
    workplace.write("prometheus.yml", SCRAPING(prometheus));
    workplace.write("alertmanager.yml", "route: {receiver: none}\nreceivers: [{name: none}]\n");
    await using started = new Started(workplace.path("narthex-migrate"));
    void started;
    const start = (name: string, ...args: readonly string[]): Running =>
      new Running(join(peers, name), args, { cwd: workplace.folder });
    // The original program is started with flags and files relative to its folder, as a user would start it.
    await using server = start(
      "prometheus",
      "--config.file",
      "prometheus.yml",
      "--storage.tsdb.path=metrics/",
      `--web.listen-address=127.0.0.1:${prometheus}`,
    );
    await using manager = start(
      "prometheus-alertmanager",
      "--config.file=alertmanager.yml",
      "--storage.path=alerts",
      "--cluster.listen-address=",
      `--web.listen-address=127.0.0.1:${alertmanager}`,
    );
    await using gateway = start(
      "prometheus-pushgateway",
      "--persistence.file=groups",
      `--web.listen-address=127.0.0.1:${pushgateway}`,
    );
    await using host = start("prometheus-node-exporter", `--web.listen-address=127.0.0.1:${exporter}`);
    const originals = [server, manager, gateway, host];
    await server.ready(`${base(prometheus)}/-/ready`);
    await manager.ready(`${base(alertmanager)}/-/ready`);
    await gateway.ready(`${base(pushgateway)}/-/ready`);
    await host.ready(`${base(exporter)}/`);
    await fetch(`${base(pushgateway)}/metrics/job/nightly`, { method: "POST", body: "rows 42\n" });
    const hour = 3_600_000;
    const silence = {
      matchers: [{ name: "alertname", value: "Noise", isRegex: false, isEqual: true }],
      startsAt: new Date().toISOString(),
      endsAt: new Date(Date.now() + hour).toISOString(),
      createdBy: "me",
      comment: "moving",
    };
    const { silenceID } = (await json(`${base(alertmanager)}/api/v2/silences`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(silence),
    })) as { silenceID: string };
    await eventually("samples", async () => {
      if ((await scrapesUntil(base(prometheus), now())) < 5) throw new Error("too few");
    });

    const chosen = originals.map(({ child }) => `--from-process=${child.pid!}`);
    const { roles } = planOf(workplace.folder, ...chosen);
    expect(roles.map(({ role }) => role).toSorted()).toEqual([
      "alertmanager",
      "node-exporter",
      "pushgateway",
      "server",
    ]);
    expect(roles.flatMap(({ notes }) => notes.filter(({ level }) => level === "blocks"))).toEqual([]);
    expect(existsSync(workplace.path("narthex-migrate"))).toBe(false);
    const applied = migrate(workplace.folder, "--apply", ...chosen);
    expect([applied.status, applied.stderr]).toEqual([0, ""]);
    expect(originals.map(({ hasEnded }) => hasEnded)).toEqual([false, false, false, false]);

    const answers = (port: number, path: string): Promise<unknown> =>
      eventually(`${base(port)}${path} answers`, async () => {
        const response = await fetch(`${base(port)}${path}`);
        const text = await response.text();
        if (!response.ok) throw new Error(`${response.status} ${text}`);
        return text;
      });
    await runScript(workplace, "switch-over.sh");
    await Promise.all(originals.map(({ ended }) => ended));
    const switchedAt = now();
    await answers(prometheus, "/-/ready");
    expect(await goVersion(base(prometheus))).toMatch(/^node/);
    // Number of Prometheus's scrapes before the switch. Our server begins to scrape only after Prometheus has ended.
    const last = await scrapesUntil(base(prometheus), switchedAt);
    expect(last).toBeGreaterThanOrEqual(5);
    await answers(alertmanager, "/-/ready");
    expect(await json(`${base(alertmanager)}/api/v2/silences`)).toMatchObject([
      { id: silenceID, status: { state: "active" } },
    ]);
    expect(await answers(pushgateway, "/metrics")).toContain('rows{instance="",job="nightly"} 42');
    expect(await answers(exporter, "/metrics")).toContain("node_exporter_build_info");
    await eventually("samples of ours", async () => {
      if ((await scrapesUntil(base(prometheus), now())) <= last) throw new Error("none yet");
    });

    await runScript(workplace, "go-back.sh");
    await answers(prometheus, "/-/ready");
    expect(await goVersion(base(prometheus))).toMatch(/^go/);
    expect(await scrapesUntil(base(prometheus), now())).toBeGreaterThan(last);
    expect(await answers(pushgateway, "/metrics")).toContain('rows{instance="",job="nightly"} 42');
  },
);

/** Returns a systemd unit like those of Linux distributions, whose flags come from an environment file. */
const unitOf = (program: string, variables: string): string => `[Unit]
Description=Prometheus

[Service]
Restart=on-abnormal
User=${process.env["USER"] ?? "root"}
EnvironmentFile=${variables}
ExecStart=${program} $ARGS
ExecReload=/bin/kill -HUP $MAINPID
LimitMEMLOCK=0

[Install]
WantedBy=multi-user.target
`;

test.skipIf(lacks("peers"))(
  "a unit whose flags are in a file of variables starts ours on its data, with the program's defaults",
  async () => {
    using workplace = new Workplace();
    const port = await freePort();
    const base = `http://127.0.0.1:${port}`;
    const program = join(peers, "prometheus");
    const config = workplace.write("prometheus.yml", SCRAPING(port));
    const flags = [
      `--config.file=${config}`,
      `--storage.tsdb.path=${workplace.path("metrics")}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ];
    let until: number;
    let expected: number;
    {
      await using theirs = new Running(program, flags);
      await theirs.ready(`${base}/-/ready`);
      await eventually("samples", async () => {
        if ((await scrapesUntil(base, now())) < 5) throw new Error("too few");
      });
      until = now() - 0.5;
      expected = await scrapesUntil(base, until);
    }
    const unit = workplace.write(
      "prometheus.service",
      unitOf(program, workplace.write("variables", `# flags\nARGS="${flags.join(" \\\n ")}"\n`)),
    );
    const [role] = planOf(workplace.folder, `--from-unit=${unit}`).roles;
    expect(role!.wouldRun.slice(0, 2)).toEqual(["narthex", "server"]);
    expect(role!.wouldRun.filter((word) => flags.includes(word))).toEqual(flags);
    await using ours = narthex(role!.wouldRun.slice(1));
    await ours.ready(`${base}/-/ready`);
    expect(await goVersion(base)).toMatch(/^node/);
    expect(await scrapesUntil(base, until)).toBe(expected);
  },
);

test.skipIf(lacks("peers"))("paths that no flag sets are the program's own defaults", () => {
  using workplace = new Workplace();
  const program = join(peers, "prometheus");
  const help = execFileSync(program, ["--help"], { encoding: "utf8" });
  const unit = workplace.write("prometheus.service", unitOf(program, workplace.write("variables", 'ARGS=""\n')));
  const { wouldRun } = planOf(workplace.folder, `--from-unit=${unit}`).roles[0]!;
  for (const flag of ["config.file", "storage.tsdb.path"]) {
    const fallback = help.split(`--${flag}="`)[1]!.split('"')[0]!;
    expect(wouldRun).toContain(`--${flag}=${join("/", fallback).replace(/\/$/, "")}`);
  }
});

/** Runs one of the scripts that the migration has written. */
async function runScript(workplace: Workplace, name: string): Promise<void> {
  await using run = new Running("sh", [workplace.path("narthex-migrate", name)], { cwd: "/" });
  const { code } = await run.ended;
  expect([name, code, run.output]).toEqual([name, 0, run.output]);
}

/** Starts a script that has Grafana's name, settings and data, because tests have no Grafana. */
async function startGrafanaScript(workplace: Workplace, port: number): Promise<Running> {
  workplace.write("server", "while :; do sleep 1; done\n");
  workplace.write(
    "conf/custom.ini",
    `[server]\nhttp_addr = 127.0.0.1\nhttp_port = ${port}\n[security]\nadmin_password = s3cret\n`,
  );
  writeGrafanaDatabase(workplace.path("data/grafana.db"));
  const original = new Running(
    "bash",
    ["-c", 'exec -a grafana sh "$@"', "sh", "server", `--homepath=${workplace.folder}`],
    { cwd: workplace.folder },
  );
  await eventually("the process has its name", async () => {
    if (!readFileSync(`/proc/${original.child.pid!}/cmdline`, "utf8").startsWith("grafana\0"))
      throw new Error("not yet");
  });
  return original;
}

/** Headers of a JSON request by Grafana's administrator. */
const ADMIN = {
  authorization: `Basic ${Buffer.from("admin:s3cret").toString("base64")}`,
  "content-type": "application/json",
};

/** Migrates a Grafana to our dashboards. Resolves with the migrated dashboards that a search finds. */
async function switchFromGrafana(workplace: Workplace, original: Running, base: string) {
  const applied = migrate(workplace.folder, "--apply", `--from-process=${original.child.pid!}`);
  expect([applied.status, applied.stderr]).toEqual([0, ""]);
  await runScript(workplace, "switch-over.sh");
  return eventually("the dashboard is found", async () => {
    const list = (await json(`${base}/api/search?query=shop`, { headers: ADMIN })) as readonly {
      uid: string;
      folderTitle: string;
    }[];
    if (list.length === 0) throw new Error("none yet");
    return list;
  });
}

test("dashboards created in a Grafana open in ours, which takes over its port, settings and data sources", async () => {
  using workplace = new Workplace();
  const port = await freePort();
  const base = `http://127.0.0.1:${port}`;
  await using started = new Started(workplace.path("narthex-migrate"));
  void started;
  await using original = await startGrafanaScript(workplace, port);
  const found = await switchFromGrafana(workplace, original, base);
  expect(found).toMatchObject([{ uid: "shop", folderTitle: "Team" }]);
  const { dashboard } = (await json(`${base}/api/dashboards/uid/shop`, { headers: ADMIN })) as {
    dashboard: { panels: readonly object[] };
  };
  expect(dashboard.panels).toMatchObject([{ id: 4, type: "stat", title: "Load" }]);
  expect(await json(`${base}/api/datasources/uid/main`, { headers: ADMIN })).toMatchObject({
    name: "Main",
    type: "prometheus",
    url: "http://$localhost:9090",
    isDefault: true,
  });
});

/** Returns the content of each file below a folder, by path. */
const filesBelow = (folder: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    globSync("**", { cwd: folder, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name))
      .map((path) => [relative(folder, path), readFileSync(path, "base64")]),
  );

test("after use of our dashboards, go-back.sh starts Grafana (a script with its name) again on its unchanged files", async () => {
  using workplace = new Workplace();
  const port = await freePort();
  const base = `http://127.0.0.1:${port}`;
  await using started = new Started(workplace.path("narthex-migrate"));
  void started;
  await using original = await startGrafanaScript(workplace, port);
  const before = { data: filesBelow(workplace.path("data")), conf: filesBelow(workplace.path("conf")) };
  await switchFromGrafana(workplace, original, base);
  expect((await original.ended).signal).toBe("SIGTERM");
  const dashboard = { uid: "mine", title: "Mine", panels: [] };
  await json(`${base}/api/dashboards/db`, { method: "POST", headers: ADMIN, body: JSON.stringify({ dashboard }) });

  await runScript(workplace, "go-back.sh");
  await expect(fetch(base)).rejects.toThrow("fetch failed");
  const [pidFile = ""] = globSync(workplace.path("narthex-migrate/*.original.pid"));
  const pid = startedPid(pidFile);
  const [, ...words] = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
  expect(words).toEqual(["server", `--homepath=${workplace.folder}`, ""]);
  expect(readlinkSync(`/proc/${pid}/cwd`)).toBe(workplace.folder);
  const { data, conf } = { data: filesBelow(workplace.path("data")), conf: filesBelow(workplace.path("conf")) };
  expect(conf).toEqual(before.conf);
  expect(data).toMatchObject(before.data);
  const added = Object.keys(data).filter((name) => !(name in before.data));
  expect(added.filter((name) => !/^(?:narthex\.db|secret\.key)/.test(name))).toEqual([]);
});

/** Creates those tables of Grafana's database that the migration reads. */
function writeGrafanaDatabase(path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  const database = new DatabaseSync(path);
  const panel = { id: 4, gridPos: { x: 0, y: 0, w: 6, h: 4 }, libraryPanel: { uid: "load" } };
  database.exec(`
    CREATE TABLE dashboard (id INTEGER PRIMARY KEY, uid, title, data, org_id INTEGER DEFAULT 1, is_folder INTEGER DEFAULT 0, folder_id INTEGER);
    CREATE TABLE library_element (uid, org_id INTEGER DEFAULT 1, model);
    CREATE TABLE data_source (id INTEGER PRIMARY KEY, org_id INTEGER DEFAULT 1, uid, name, type, access, url, is_default, json_data);
    INSERT INTO dashboard (id, uid, title, data, is_folder) VALUES (1, 'team', 'Team', '{}', 1);
    INSERT INTO dashboard (id, uid, title, data, folder_id) VALUES (2, 'shop', 'Shop', '${JSON.stringify({ schemaVersion: 39, panels: [panel] })}', 1);
    INSERT INTO library_element (uid, model) VALUES ('load', '{"type": "stat", "title": "Load"}');
    INSERT INTO data_source (uid, name, type, access, url, is_default, json_data) VALUES ('main', 'Main', 'prometheus', 'proxy', 'http://$localhost:9090', 1, '{}');
  `);
  database.close();
}
