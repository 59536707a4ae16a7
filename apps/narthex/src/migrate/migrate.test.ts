import { spawnSync } from "node:child_process";
import { statSync, symlinkSync } from "node:fs";
import { expect, test } from "vitest";
import { FakeMachine } from "./testing/fake-machine.ts";

const CONFIG =
  "global: {scrape_interval: 15s}\nscrape_configs: [{job_name: a, static_configs: [{targets: [localhost:1]}]}]\n";

const UNIT = `[Unit]
Description=Prometheus
[Service]
User=prometheus
WorkingDirectory=/srv/prometheus
EnvironmentFile=-/etc/default/prometheus
Environment=GOGC=50 TZ=UTC
# what it starts
ExecStart=/usr/local/bin/prometheus \\
  --config.file=prometheus.yml \\
  # a comment in between
  --storage.tsdb.path=data/ \\
  $ARGS
LimitNOFILE=100000
[Install]
WantedBy=multi-user.target
`;

function withPrometheus(machine: FakeMachine): void {
  machine.write("/etc/systemd/system/prometheus.service", UNIT);
  machine.write("/etc/default/prometheus", "ARGS=\"--storage.tsdb.retention=30d --web.external-url='http://x/p'\"\n");
  machine.write("/srv/prometheus/prometheus.yml", CONFIG);
  machine.write("/srv/prometheus/data/wal/00000000", "");
}

const STARTED = [
  "narthex",
  "server",
  "--config.file=/srv/prometheus/prometheus.yml",
  "--storage.tsdb.path=/srv/prometheus/data",
  "--storage.tsdb.retention.time=30d",
  "--web.external-url=http://x/p",
];

test("arguments and environment of a unit become flags of the role, and the plan shows the unit's process", async () => {
  using machine = new FakeMachine();
  withPrometheus(machine);
  machine.process({
    pid: 812,
    words: ["/usr/local/bin/prometheus", "--config.file=prometheus.yml"],
    uid: 101,
    cgroup: "0::/system.slice/prometheus.service",
  });
  const { roles, verdict } = await machine.plan();
  expect(roles).toHaveLength(1);
  expect(roles[0]).toMatchObject({
    role: "server",
    target: "service",
    origin: { kind: "unit", path: "/etc/systemd/system/prometheus.service", pid: 812 },
    wouldRun: STARTED,
    user: "prometheus",
    variables: ["TZ"],
    configuration: ["/srv/prometheus/prometheus.yml: read, with all files that it names"],
    data: [{ path: "/srv/prometheus/data", text: expect.stringMatching(/in place.*process 812 writes/) }],
  });
  const texts = roles[0]!.notes.map(({ level, text }) => `${level} ${text}`);
  expect(texts).toContainEqual(
    expect.stringMatching(/^differs \/etc\/systemd\/system\/prometheus.service:14: LimitNOFILE=100000/),
  );
  expect(texts).toContainEqual(
    "fact --storage.tsdb.retention is called --storage.tsdb.retention.time by Prometheus of today",
  );
  expect(texts).toContainEqual("fact GOGC: there is no Go runtime to set; left out");
  expect(verdict).toBe("differs");
});

test("a plan changes nothing; --apply writes scripts, the unit and the variables, and prints the next step", async () => {
  using machine = new FakeMachine();
  withPrometheus(machine);
  machine.write(
    "/etc/systemd/system/prometheus.service.d/more.conf",
    "[Service]\nEnvironment=HTTPS_PROXY=http://p:1\n",
  );
  const plan = await machine.migrate([]);
  expect([plan.status, plan.stderr]).toEqual([1, ""]);
  expect(plan.stdout).toMatch(/^This is a plan; nothing is changed\./);
  expect(machine.has("/work/narthex-migrate")).toBe(false);

  const applied = await machine.migrate(["--apply"]);
  expect([applied.status, applied.stderr]).toEqual([0, ""]);
  expect(applied.stdout).toContain(
    "nothing is stopped or started yet; next\n  to switch over  sudo sh narthex-migrate/switch-over.sh",
  );
  const unit = machine.read("/work/narthex-migrate/units/prometheus.service");
  expect(unit).toContain("User=prometheus\n");
  expect(unit).toContain("ReadWritePaths=/srv/prometheus/data\n");
  expect(machine.read("/work/narthex-migrate/secrets/prometheus.env")).toBe('TZ="UTC"\nHTTPS_PROXY="http://p:1"\n');
  const [over, back] = ["switch-over", "go-back"].map((name) => machine.read(`/work/narthex-migrate/${name}.sh`));
  expect(linesOf(over!)).toEqual([
    "[ -e prometheus.service.state ] || { systemctl is-enabled prometheus.service; systemctl is-active prometheus.service; } >prometheus.service.state 2>/dev/null || true",
    "[ -e /etc/systemd/system/prometheus.service.before-narthex ] || systemctl disable --now prometheus.service",
    "[ -e /etc/systemd/system/prometheus.service.before-narthex ] || mv /etc/systemd/system/prometheus.service /etc/systemd/system/prometheus.service.before-narthex",
    "[ -e /etc/systemd/system/prometheus.service.d.before-narthex ] || mv /etc/systemd/system/prometheus.service.d /etc/systemd/system/prometheus.service.d.before-narthex",
    "systemctl daemon-reload",
    "install -D -m 600 secrets/prometheus.env /etc/prometheus/environment.env",
    "install -D -m 644 units/prometheus.service.d/environment.conf /etc/systemd/system/prometheus.service.d/environment.conf",
    `/opt/narthex/bin/narthex service install --user=prometheus ${STARTED.slice(1).join(" ")}`,
  ]);
  expect(linesOf(back!)).toEqual([
    "/opt/narthex/bin/narthex service uninstall server >/dev/null",
    "rm -f /etc/prometheus/environment.env /etc/systemd/system/prometheus.service.d/environment.conf",
    "rmdir /etc/systemd/system/prometheus.service.d 2>/dev/null || true",
    "[ ! -e /etc/systemd/system/prometheus.service.before-narthex ] || mv /etc/systemd/system/prometheus.service.before-narthex /etc/systemd/system/prometheus.service",
    "[ ! -e /etc/systemd/system/prometheus.service.d.before-narthex ] || mv /etc/systemd/system/prometheus.service.d.before-narthex /etc/systemd/system/prometheus.service.d",
    "systemctl daemon-reload",
    "grep -qsx disabled prometheus.service.state || systemctl enable prometheus.service",
    "grep -qsxE 'inactive|failed' prometheus.service.state || systemctl start prometheus.service",
    "rm -f prometheus.service.state",
  ]);
  for (const script of [over!, back!]) expect(spawnSync("sh", ["-n"], { input: script }).status).toBe(0);

  const again = await machine.migrate(["--apply"]);
  expect([again.status, again.stderr]).toEqual([3, expect.stringMatching(/already exist.*--force/s)]);
  expect((await machine.migrate(["--apply", "--force"])).status).toBe(0);
});

/** Returns the commands of a script, without its header. */
const linesOf = (script: string): readonly string[] =>
  script
    .split("\n\n")
    .slice(1)
    .join("\n")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("echo "));

test("a refused configuration blocks the migration, with file and line, and nothing is written", async () => {
  using machine = new FakeMachine();
  withPrometheus(machine);
  machine.write("/srv/prometheus/prometheus.yml", "global:\n  scrape_intervall: 15s\n");
  const { status, stdout, stderr } = await machine.migrate(["--apply"]);
  expect([status, stderr]).toEqual([3, expect.stringContaining("nothing was written")]);
  expect(stdout).toMatch(/in the way {2}\/srv\/prometheus\/prometheus.yml:2:3: /);
  expect(machine.has("/work/narthex-migrate")).toBe(false);
  expect((await machine.migrate([])).status).toBe(2);
});

test("a process without a unit is replaced by a command line in its folder, and another user's variables are ignored", async () => {
  using machine = new FakeMachine();
  machine.write("/srv/am/alertmanager.yml", "route: {receiver: a}\nreceivers: [{name: a}]\n");
  machine.write("/srv/am/data/silences", "");
  machine.process({
    pid: 77,
    words: ["./alertmanager", "--config.file", "alertmanager.yml"],
    cwd: "/srv/am",
    env: ["HOME=/root", "https_proxy=http://p:1"],
  });
  const { roles } = await machine.plan("--from-processes");
  expect(roles[0]).toMatchObject({
    role: "alertmanager",
    target: "command",
    wouldRun: ["narthex", "alertmanager", "--storage.path=/srv/am/data", "--config.file=/srv/am/alertmanager.yml"],
    variables: ["https_proxy"],
  });
  expect((await machine.migrate(["--apply"])).status).toBe(0);
  const over = machine.read("/work/narthex-migrate/switch-over.sh");
  expect(over).toContain('if [ "$(cat /proc/77/comm 2>/dev/null)" = alertmanager ]; then');
  expect(spawnSync("sh", ["-n"], { input: over }).status).toBe(0);
});

test("a variable of a process is carried if its configuration names it", async () => {
  using machine = new FakeMachine();
  const labels = "{region: '${REGION}', zone: $ZONE}";
  machine.write("/srv/prometheus.yml", `global: {external_labels: ${labels}}\n`);
  const env = ["REGION=eu", "ZONE=b", "SHELL=/bin/sh", "REGIONS=all"];
  machine.process({ pid: 9, words: ["/srv/prometheus", "--config.file=/srv/prometheus.yml"], env });
  expect((await machine.plan("--from-process=9")).roles[0]!.variables).toEqual(["REGION", "ZONE"]);
});

test("settings of a unit that ours needs become a drop-in, which go-back.sh removes", async () => {
  using machine = new FakeMachine();
  withPrometheus(machine);
  const folder = "/etc/systemd/system/prometheus.service.d";
  machine.write(
    `${folder}/more.conf`,
    "[Unit]\nRequiresMountsFor=/srv/prometheus\nAfter=disk.service\nBindsTo=%i.service\n[Service]\nGroup=data\nTimeoutStopSec=5min\n",
  );
  expect((await machine.migrate(["--apply"])).status).toBe(0);
  const dropIn = "units/prometheus.service.d/original.conf";
  expect(machine.read(`/work/narthex-migrate/${dropIn}`)).toBe(
    "[Unit]\nRequiresMountsFor=/srv/prometheus\nAfter=disk.service\n[Service]\nGroup=data\nTimeoutStopSec=5min\n",
  );
  const script = (name: string): string => machine.read(`/work/narthex-migrate/${name}.sh`);
  expect(script("switch-over")).toContain(`install -D -m 644 ${dropIn} ${folder}/original.conf\n`);
  expect(script("go-back")).toMatch(/rm -f .*prometheus.service.d\/original.conf .*environment.conf\n/);
});

test("the Pushgateway's file is migrated, and a Pushgateway without a persistence file gets none", async () => {
  using machine = new FakeMachine();
  machine.write("/var/lib/push/groups", "gob");
  machine.process({ pid: 5, words: ["pushgateway", "--persistence.file=/var/lib/push/groups"] });
  machine.process({ pid: 6, words: ["pushgateway", "--web.listen-address=:1"] });
  const { roles } = await machine.plan();
  expect(roles.map(({ wouldRun }) => wouldRun.slice(2))).toEqual([
    ["--persistence.file=/var/lib/push/groups"],
    ["--persistence.file=", "--web.listen-address=:1"],
  ]);
});

test("a unit whose process belongs to another user is found by its file, and nothing else about the process is reported", async () => {
  using machine = new FakeMachine();
  withPrometheus(machine);
  machine.process({ pid: 812, words: ["/usr/local/bin/prometheus"], cgroup: "0::/system.slice/prometheus.service" });
  machine.process({ pid: 813, words: ["/usr/local/bin/alertmanager"], uid: 101 });
  for (const pid of [812, 813]) machine.hide(pid);
  const { roles, leftOut } = await machine.plan();
  expect(roles.map(({ role, origin }) => [role, origin])).toEqual([["server", expect.objectContaining({ pid: 812 })]]);
  expect(leftOut).toEqual([expect.stringMatching(/^Alertmanager \(process 813\) belongs to another user, .*as root/)]);
});

test("with systemd, a process without a unit is replaced by a service, and for a process with a unit the unit is read", async () => {
  using machine = new FakeMachine();
  withPrometheus(machine);
  machine.write("/run/systemd/system/.keep", "");
  machine.process({ pid: 5, words: ["/srv/node_exporter", "--web.listen-address=:9101"] });
  machine.process({ pid: 6, words: ["/usr/local/bin/prometheus"], cgroup: "0::/system.slice/prometheus.service" });
  const { roles } = await machine.plan("--from-process=5", "--from-process=6");
  expect(roles.map(({ role, target, origin }) => [role, target, origin.kind])).toEqual([
    ["node-exporter", "service", "process"],
    ["server", "service", "unit"],
  ]);
  await machine.migrate(["--from-process=5", "--apply"]);
  const over = machine.read("/work/narthex-migrate/switch-over.sh");
  expect(over).toMatch(/kill 5\n.*narthex service install --user=root node-exporter --web.listen-address=:9101\n/s);
  expect(machine.read("/work/narthex-migrate/go-back.sh")).toMatch(
    /if \[ -e node_exporter-5.ended \]; then\n.*exec nohup \/srv\/node_exporter --web.listen-address=:9101\n/s,
  );
  const { status, stderr } = await machine.migrate(["--from-process=7"]);
  expect([status, stderr]).toEqual([3, expect.stringContaining("--from-process=7: no supported program")]);
});

test("flags that the role refuses block the migration; flags without effect are reported", async () => {
  using machine = new FakeMachine();
  machine.process({
    pid: 5,
    words: ["node_exporter", "--collector.netdev.ignored-devices=^lo$", "--runtime.gomaxprocs=2"],
  });
  const [role] = (await machine.plan()).roles;
  expect(role!.wouldRun).toContain("--collector.netdev.device-exclude=^lo$");
  expect(role!.notes.map(({ text }) => text)).toContainEqual(
    expect.stringContaining("--runtime.gomaxprocs has no effect"),
  );
  machine.process({ pid: 6, words: ["node_exporter", "--collector.nothing"] });
  const second = (await machine.plan()).roles[1]!;
  expect(second.notes[0]).toEqual({
    level: "blocks",
    text: expect.stringContaining("unknown long flag '--collector.nothing'"),
  });
});

test("containers are skipped with a reason, and if nothing is found migrate prints what to do", async () => {
  using machine = new FakeMachine();
  machine.process({ pid: 5, words: ["/bin/prometheus"], cgroup: "0::/system.slice/docker-0123.scope" });
  const { status, stderr } = await machine.migrate([]);
  expect([status, stderr]).toEqual([
    3,
    expect.stringMatching(/no supported program was found; .*\n.*process 5.*in a container/),
  ]);
});

test("--version prints the version", async () => {
  using machine = new FakeMachine();
  expect(await machine.migrate(["--version"])).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/^narthex, version /),
  });
});

test("two services of the same role block each other", async () => {
  using machine = new FakeMachine();
  withPrometheus(machine);
  machine.write(
    "/etc/systemd/system/second.service",
    "[Service]\nExecStart=/usr/local/bin/prometheus --config.file=/srv/prometheus/prometheus.yml --web.listen-address=:9091\n",
  );
  const { verdict, roles } = await machine.plan();
  expect(verdict).toBe("blocks");
  expect(roles.at(-1)!.notes.at(-1)!.text).toMatch(/there are 2 of Prometheus.*--from-unit/);
  expect((await machine.plan("--from-unit=prometheus")).verdict).toBe("differs");
});

test.each([
  [["--from-unit=nothing"], /there is no such unit/],
  [["--role=databases"], /the role "databases" does not exist/],
  [["--wrong"], /unknown long flag '--wrong', try --help/],
  [["extra"], /unexpected extra/],
])("narthex migrate %j ends with 3 and a hint", async (args, message) => {
  using machine = new FakeMachine();
  const { status, stderr } = await machine.migrate(args);
  expect([status, stderr]).toEqual([3, expect.stringMatching(message)]);
});

test("a unit with a missing environment file is refused with file and line", async () => {
  using machine = new FakeMachine();
  machine.write(
    "/etc/systemd/system/prometheus.service",
    "[Service]\nEnvironmentFile=/none\nExecStart=/usr/bin/prometheus $ARGS\n",
  );
  const { status, stderr } = await machine.migrate(["--from-unit=prometheus"]);
  expect([status, stderr]).toEqual([
    3,
    expect.stringContaining("/etc/systemd/system/prometheus.service:2: EnvironmentFile=/none cannot be read"),
  ]);
});

test("a password in a URL is not printed, and files that contain it are readable only for the owner", async () => {
  using machine = new FakeMachine();
  machine.process({ pid: 6, words: ["pushgateway", "--web.external-url=http://a:hidden@b/"] });
  expect((await machine.migrate([])).stdout).not.toContain("hidden");
  expect(JSON.stringify(await machine.plan())).toContain("http://a:<secret>@b/");
  expect((await machine.migrate(["--apply"])).status).toBe(0);
  const script = "/work/narthex-migrate/switch-over.sh";
  expect(machine.read(script)).toContain("hidden");
  expect(statSync(machine.path(script)).mode & 0o077).toBe(0);
});

test("files that contain variables of an environment file are readable only for the owner, and Git ignores the secrets folder", async () => {
  using machine = new FakeMachine();
  withPrometheus(machine);
  expect((await machine.migrate(["--apply"])).status).toBe(0);
  for (const name of ["switch-over.sh", "go-back.sh", "units/prometheus.service", "secrets/prometheus.env"])
    expect([name, statSync(machine.path(`/work/narthex-migrate/${name}`)).mode & 0o077]).toEqual([name, 0]);
  expect(machine.read("/work/narthex-migrate/secrets/.gitignore")).toMatch(/^\*$/m);
});

test.each([
  [101, "setpriv --reuid=prometheus --regid=101 --init-groups"],
  [4711, "setpriv --reuid=4711 --regid=4711 --clear-groups"],
])("a program of the user %i is started as that user in its own place, which is tried first", async (uid, words) => {
  using machine = new FakeMachine();
  machine.process({ pid: 6, words: ["pushgateway"], uid });
  expect((await machine.migrate(["--apply"])).status).toBe(0);
  const over = machine.read("/work/narthex-migrate/switch-over.sh");
  expect(over).toContain(`exec nohup ${words} /opt/narthex/bin/narthex pushgateway`);
  expect(over).toContain('[ "$(id -u)" = 0 ]');
  expect(over.indexOf(`${words} true || {`)).toBeGreaterThan(0);
  expect(over.indexOf(`${words} true || {`)).toBeLessThan(over.indexOf("kill 6"));
  expect(spawnSync("sh", ["-n"], { input: over }).status).toBe(0);
});

test.each(["/system.slice/wrapped.service", "/user.slice/user-7.slice/user@7.service/app.slice/own.service"])(
  "a process that was started by the unit of %s, which cannot be read, blocks the migration and is not ended",
  async (group) => {
    using machine = new FakeMachine();
    machine.write("/etc/systemd/system/wrapped.service", "[Service]\nExecStart=/srv/run-it\n");
    machine.process({ pid: 6, words: ["pushgateway"], cgroup: `0::${group}` });
    for (const flag of ["--from-processes", "--from-process=6"]) {
      const { verdict, roles } = await machine.plan(flag);
      expect(verdict).toBe("blocks");
      expect(roles[0]!.notes[0]!.text).toMatch(/^the unit (?:wrapped|user@7)\.service starts it.*--from-unit/);
      expect((await machine.migrate([flag, "--apply"])).status).toBe(3);
    }
    expect(machine.has("/work/narthex-migrate")).toBe(false);
  },
);

test("a process in a login session is not treated as a service, and for a running instance of a template unit the template is read", async () => {
  using machine = new FakeMachine();
  const session = "/user.slice/user-7.slice/user@7.service/app.slice/terminal.scope";
  machine.process({ pid: 6, words: ["pushgateway"], cgroup: `0::${session}` });
  machine.write(
    "/etc/systemd/system/push@.service",
    "[Service]\nExecStart=/srv/pushgateway --web.listen-address=:%i\n",
  );
  machine.process({ pid: 7, words: ["pushgateway"], cgroup: "0::/system.slice/push@5.service" });
  const { roles } = await machine.plan("--from-process=6", "--from-process=7");
  expect(roles.map(({ origin, wouldRun }) => [origin.kind, wouldRun.at(-1)])).toEqual([
    ["process", "--persistence.file="],
    ["unit", "--web.listen-address=:5"],
  ]);
});

test.each([
  ["/var/lib/prom", "", "prom:x:7:\n", "group"],
  ["/var/lib/private/prom", "", "", "nothing"],
  ["/var/lib/prom", "prom:x:102:102::/:/bin/false\n", "", "user"],
])("data in %s of a unit with DynamicUser= is usable for the permanent user", async (path, passwd, group, carried) => {
  using machine = new FakeMachine();
  machine.write("/etc/passwd", passwd);
  machine.write("/etc/group", group);
  machine.write("/var/lib/private/prom/wal/00000000", "");
  symlinkSync("private/prom", machine.path("/var/lib/prom"));
  machine.write("/etc/prometheus.yml", "scrape_configs: []\n");
  const flags = `--config.file=/etc/prometheus.yml --storage.tsdb.path=${path}`;
  const text = `DynamicUser=yes\nUser=prom\nGroup=prom\nStateDirectory=prom\nExecStart=/usr/bin/prometheus ${flags}\n`;
  machine.write("/etc/systemd/system/prom.service", `[Service]\n${text}`);
  expect((await machine.migrate(["--apply"])).status).toBe(0);
  const unit = machine.read("/work/narthex-migrate/units/prometheus.service");
  expect(unit).toContain("\nStateDirectory=prom\n");
  expect(unit).toContain("--storage.tsdb.path=/var/lib/prom\n");
  expect(unit).not.toContain("ReadWritePaths=");
  const dropIn = "/work/narthex-migrate/units/prometheus.service.d/original.conf";
  expect([machine.has(dropIn), unit.includes("\nUser=prom\n")]).toEqual([carried === "group", carried === "user"]);
});
