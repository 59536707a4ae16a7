import { chmodSync, chownSync, mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { FakeSystem } from "./testing/fake-system.ts";
import { execStart } from "./unit-file.ts";

const UNIT = "/etc/systemd/system/prometheus.service";
const PUSHGATEWAY = "/etc/systemd/system/pushgateway.service";
const NAMES = ["prometheus", "alertmanager", "pushgateway", "node_exporter", "narthex-dashboards"];

test("install all creates users, starter configurations and units, and starts them", async () => {
  using machine = new FakeSystem();
  const { status, stdout, stderr } = await machine.service("install", "all");
  expect([status, stderr]).toEqual([0, ""]);
  expect([...machine.users]).toEqual(NAMES);
  expect([...machine.active]).toEqual(NAMES);
  for (const name of NAMES) {
    expect(machine.has(`/etc/systemd/system/${name}.service`)).toBe(true);
    expect(stdout).toContain(`${name} runs, and starts with the host: ready at http://127.0.0.1:`);
    expect(machine.commands).toContain(`systemctl enable --quiet ${name}`);
  }
  expect(machine.read("/etc/prometheus/prometheus.yml")).toContain("scrape_configs");
  expect(machine.has("/etc/prometheus/rules/host.yml")).toBe(true);
  expect(machine.has("/etc/narthex-dashboards/provisioning/datasources/narthex.yaml")).toBe(true);
  expect(machine.commands.indexOf("systemctl daemon-reload")).toBeLessThan(
    machine.commands.indexOf("systemctl restart prometheus"),
  );
});

test("only root and the role's user can read installed configuration, whatever umask root has", async () => {
  using machine = new FakeSystem();
  const mask = process.umask(0o077);
  try {
    expect((await machine.service("install", "all")).status).toBe(0);
  } finally {
    process.umask(mask);
  }
  const laid = ["/etc/prometheus", "/etc/narthex-dashboards", "/etc/systemd/system"].flatMap((folder) => [
    folder,
    ...readdirSync(machine.path(folder), { recursive: true, encoding: "utf8" }).map((name) => join(folder, name)),
  ]);
  expect(laid).toContain("/etc/prometheus/rules/host.yml");
  const isPrivate = (path: string): boolean => /^\/etc\/(?:prometheus|narthex-dashboards)\/./.test(path);
  for (const path of ["/etc", ...laid]) {
    const stats = statSync(machine.path(path));
    const mode = (stats.isDirectory() ? 0o755 : 0o644) & (isPrivate(path) ? 0o770 : 0o777);
    expect([path, (stats.mode & 0o777).toString(8)]).toEqual([path, mode.toString(8)]);
  }
  for (const [group, path] of [
    ["prometheus", "/etc/prometheus/prometheus.yml"],
    ["prometheus", "/etc/prometheus/rules"],
    ["alertmanager", "/etc/alertmanager/alertmanager.yml"],
    ["narthex-dashboards", "/etc/narthex-dashboards/provisioning"],
  ])
    expect(machine.commands).toContain(`chown -R root:${group} ${path}`);
});

test("a second run keeps the user", async () => {
  using machine = new FakeSystem();
  await machine.service("install", "--user=eve", "pushgateway");
  await machine.service("install", "pushgateway", "--log.level=debug");
  expect(machine.read(PUSHGATEWAY)).toContain("\nUser=eve\n");
  expect([...machine.users]).toEqual(["eve"]);
});

test("a second run keeps configurations, flags and manual edits of the unit", async () => {
  using machine = new FakeSystem();
  await machine.service("install", "server", "--web.listen-address=:9999", "--query.timeout=1m");
  machine.write("/etc/prometheus/prometheus.yml", "scrape_configs: []\n");
  const first = machine.read(UNIT);
  const { status, stdout, stderr } = await machine.service("install", "server");
  expect(status).toBe(0);
  expect(machine.read(UNIT)).toBe(first);
  expect(stderr).toContain("the installed flags are kept");
  expect(stdout).toContain("prometheus.yml is kept");
  expect(machine.read("/etc/prometheus/prometheus.yml")).toBe("scrape_configs: []\n");
  machine.write(UNIT, first.replace("Restart=on-failure", "Restart=always"));
  await machine.service("install", "prometheus", "--web.listen-address=:9998");
  expect(machine.read(`${UNIT}.old`)).toContain("Restart=always");
  expect(execStart(machine.read(UNIT))).toContain("--web.listen-address=:9998");
  expect(execStart(machine.read(UNIT))).not.toContain("--query.timeout=1m");
});

test("flags that are dropped because others are given are reported, and a copy of the old unit is kept", async () => {
  using machine = new FakeSystem();
  await machine.service("install", "server", "--query.timeout=1m", "--web.enable-lifecycle", "--log.level", "warn");
  const first = machine.read(UNIT);
  const { status, stderr } = await machine.service("install", "server", "--log.level=debug");
  expect([status, stderr]).toEqual([
    0,
    "prometheus: the given flags replace the installed ones; these are no longer set: --query.timeout=1m --web.enable-lifecycle\n",
  ]);
  expect(machine.read(`${UNIT}.old`)).toBe(first);
  expect((await machine.service("install", "server", "--log.level=info")).stderr).toBe("");
  expect(machine.has(`${UNIT}.old.1`)).toBe(false);
});

test("a service changes its data folder only if the user requests it", async () => {
  using machine = new FakeSystem();
  for (const path of ["/data", "/data2"]) {
    mkdirSync(machine.path(path));
    chmodSync(machine.path(path), 0o777);
  }
  await machine.service("install", "server", "--storage.tsdb.path=/data");
  const first = machine.read(UNIT);
  const { status, stderr } = await machine.service("install", "server", "--query.timeout=1m");
  expect([status, stderr]).toEqual([
    1,
    "narthex service: error: server: its data is in /data, and would be in /var/lib/prometheus with these flags; give --storage.tsdb.path again, or let it start with an empty folder with --change-data-folder before server\n",
  ]);
  expect(machine.read(UNIT)).toBe(first);
  for (const [folder, ...args] of [
    ["/data", "server", "--query.timeout=1m", "--storage.tsdb.path=/data"],
    ["/data2", "server", "--storage.tsdb.path=/data2"],
    ["/var/lib/prometheus", "--change-data-folder", "server", "--query.timeout=1m"],
  ] as const) {
    expect((await machine.service("install", ...args)).status).toBe(0);
    expect(execStart(machine.read(UNIT))).toContain(`--storage.tsdb.path=${folder}`);
  }
});

test.each([
  ["pushgateway", ["--persistence.file=/srv/groups.db"], ["--log.level=debug"], "its data is in /srv,"],
  ["dashboards", ["cfg:paths.data=/srv"], ["cfg:users.default_theme=light"], "give cfg:paths.data again"],
])("%s does not lose its data folder to another flag", async (role, first, second, words) => {
  using machine = new FakeSystem();
  mkdirSync(machine.path("/srv"));
  chmodSync(machine.path("/srv"), 0o777);
  expect((await machine.service("install", role, ...first)).status).toBe(0);
  expect((await machine.service("install", role, ...second)).stderr).toContain(words);
  expect((await machine.service("install", role, ...first)).status).toBe(0);
});

test("an installation of an earlier kind is replaced with its flags, and a copy of its unit is kept", async () => {
  using machine = new FakeSystem();
  machine.write(PUSHGATEWAY, "[Service]\nExecStart=/old/bin/narthex pushgateway --web.listen-address=:9092 \\\n");
  expect((await machine.service("install", "pushgateway")).status).toBe(0);
  expect(execStart(machine.read(PUSHGATEWAY))).toEqual([
    "/opt/narthex/bin/narthex",
    "pushgateway",
    "--persistence.file=/var/lib/pushgateway/groups.db",
    "--web.listen-address=:9092",
  ]);
  expect(machine.read(`${PUSHGATEWAY}.old`)).toContain("/old/bin/narthex");
});

test("if one unit belongs to another program, nothing is changed", async () => {
  using machine = new FakeSystem();
  machine.write(PUSHGATEWAY, "[Service]\nExecStart=/usr/bin/pushgateway\n");
  const { status, stderr } = await machine.service("install", "all");
  expect(status).toBe(1);
  expect(stderr).toContain("pushgateway.service was not written by Narthex and is not changed; move it away");
  expect(machine.has(UNIT)).toBe(false);
  expect([...machine.users]).toEqual([]);
  expect((await machine.service("uninstall", "pushgateway")).stderr).toContain("was not written by Narthex");
  expect(machine.has(PUSHGATEWAY)).toBe(true);
});

test("for a user other than root, install reports the missing right and the command to run", async () => {
  using machine = new FakeSystem();
  machine.uid = 1000;
  const { status, stderr } = await machine.service(
    "install",
    "server",
    "--web.page-title=My server",
    "--config.file=/x",
  );
  expect(status).toBe(1);
  expect(stderr).toBe(
    "narthex service: error: only root may change /etc/systemd/system and start services; run: " +
      "sudo /opt/narthex/bin/narthex service install server '--web.page-title=My server' --config.file=/x\n",
  );
  expect((await machine.service("uninstall", "server")).stderr).toContain(
    "run: sudo /opt/narthex/bin/narthex service uninstall server",
  );
});

test("on a host without systemd and on other systems, install prints what to do instead", async () => {
  using machine = new FakeSystem();
  rmSync(machine.path("/run"), { recursive: true });
  for (const command of ["install", "status", "logs", "uninstall"]) {
    const { status, stderr } = await machine.service(command, "server");
    expect([status, stderr]).toEqual([1, expect.stringContaining("systemd does not run on this host")]);
  }
  expect((await machine.service("install", "--print", "server")).status).toBe(0);
  machine.platform = "freebsd";
  expect((await machine.service("install", "server")).stderr).toContain("services are not supported on freebsd");
});

test("--print shows files and commands to any user, and changes nothing", async () => {
  using machine = new FakeSystem();
  machine.uid = 1000;
  const { status, stdout } = await machine.service("install", "--print", "--user=eve", "pushgateway");
  expect(status).toBe(0);
  expect(stdout).toContain("# run: useradd --system --user-group --no-create-home --shell /usr/sbin/nologin eve\n");
  expect(stdout).toContain(`# ${PUSHGATEWAY}\n# Written by`);
  expect(stdout).toContain("\nUser=eve\n");
  expect(machine.has(PUSHGATEWAY)).toBe(false);
  expect(machine.commands.filter((command) => !/^(?:getent|systemctl is-active)/.test(command))).toEqual([]);
});

test("the role checks its flags before anything is changed, and its own messages are printed", async () => {
  using machine = new FakeSystem();
  const { status, stderr } = await machine.service("install", "server", "--storage.tsdb.pth=/x");
  expect([status, stderr]).toEqual([1, expect.stringContaining("did you mean '--storage.tsdb.path'?")]);
  expect(machine.commands).toEqual([]);
});

test.each([
  [["server", "--config.file=prom.yml"], "write --config.file=/work/prom.yml"],
  [["server", "--config.file=/none.yml"], "--config.file: /none.yml does not exist"],
  [["server", "--config.file=/closed/prom.yml"], "may not read /closed/prom.yml; allow it: sudo chmod o+x /closed"],
  [["server", "--storage.tsdb.path=/data"], "create it: sudo install -d -o prometheus -m 750 /data"],
  [["server", "--storage.tsdb.path=/tmp/data"], "the service has a separate /tmp"],
  [["pushgateway", "--persistence.file=/srv/groups.db"], "may not write /srv; allow it: sudo chown pushgateway: /srv"],
])("install of %j is refused with a hint", async (args, hint) => {
  using machine = new FakeSystem();
  machine.write("/closed/prom.yml", "");
  chmodSync(machine.path("/closed"), 0o700);
  mkdirSync(machine.path("/srv"), { mode: 0o755 });
  const { status, stderr } = await machine.service("install", ...args);
  expect([status, stderr]).toEqual([1, expect.stringContaining(hint)]);
  expect(machine.has("/etc/systemd")).toBe(false);
  expect([...machine.users]).toEqual([]);
});

test("commands that give a new user access to a file begin with the command that creates the user", async () => {
  using machine = new FakeSystem();
  machine.write("/srv/token.yml", "", 0o600);
  const args = ["server", "--config.file=/srv/token.yml", "--storage.tsdb.path=/data"];
  expect((await machine.service("install", ...args)).stderr).toBe(
    [
      "narthex service: error: nothing was changed:",
      "the user prometheus, who must own the files below, does not exist yet; create it first: sudo useradd --system --user-group --no-create-home --shell /usr/sbin/nologin prometheus",
      "--config.file: the user prometheus may not read /srv/token.yml; allow it: sudo chgrp prometheus /srv/token.yml && sudo chmod g+rX /srv/token.yml",
      "--storage.tsdb.path: the folder /data does not exist; create it: sudo install -d -o prometheus -m 750 /data\n",
    ].join("\n  "),
  );
  // Do what the printed commands would do: create the user and the folder.
  machine.users.add("prometheus");
  mkdirSync(machine.path("/data"), { mode: 0o750 });
  expect((await machine.service("install", ...args)).status).toBe(0);
  expect(machine.commands.filter((command) => command.startsWith("useradd"))).toEqual([]);
});

test("the access of an existing user is tested by running a command as this user", async () => {
  using machine = new FakeSystem();
  machine.users.add("prometheus");
  machine.write("/closed/prom.yml", "");
  chmodSync(machine.path("/closed"), 0o700);
  expect((await machine.service("install", "server", "--config.file=/closed/prom.yml")).status).toBe(0);
  expect(machine.commands).toContain("runuser -u prometheus -- test -r /closed/prom.yml");
  machine.closed.add("/closed/prom.yml");
  expect((await machine.service("install", "server", "--config.file=/closed/prom.yml")).status).toBe(1);
});

test("an original that runs, and a port in use, are reported as conflicts", async () => {
  using machine = new FakeSystem();
  machine.active.add("prometheus-alertmanager");
  expect((await machine.service("install", "alertmanager")).stderr).toContain(
    "sudo systemctl disable --now prometheus-alertmanager",
  );
  machine.listening.add(9091);
  expect((await machine.service("install", "pushgateway")).stderr).toContain("another program listens at :9091");
  expect((await machine.service("install", "pushgateway", "--web.listen-address=:9092")).status).toBe(0);
});

test("a running service of a Narthex package is a conflict, whatever its name", async () => {
  using machine = new FakeSystem();
  machine.active.add("narthex-server");
  expect((await machine.service("install", "server")).stderr).toContain("sudo systemctl disable --now narthex-server");
  machine.active.add("narthex-dashboards");
  expect((await machine.service("install", "dashboards")).stderr).toContain(
    "sudo systemctl disable --now narthex-dashboards",
  );
  expect(machine.has("/etc/systemd")).toBe(false);
});

test("a package's service of the same name is not replaced, but a stopped service of an original is", async () => {
  using machine = new FakeSystem();
  machine.write(
    "/usr/lib/systemd/system/narthex-dashboards.service",
    "[Service]\nExecStart=/usr/bin/narthex dashboards\n",
  );
  const { status, stderr } = await machine.service("install", "dashboards");
  expect([status, stderr]).toEqual([
    1,
    expect.stringContaining("systemctl enable --now narthex-dashboards, or remove"),
  ]);
  machine.write("/usr/lib/systemd/system/prometheus.service", "[Service]\nExecStart=/usr/bin/prometheus\n");
  expect(await machine.service("install", "server")).toMatchObject({
    status: 0,
    stdout: expect.stringContaining("takes precedence over /usr/lib/systemd/system/prometheus.service"),
  });
});

/** Writes the units of a Narthex package, two of which are in use. */
function installPackage(machine: FakeSystem): void {
  for (const role of ["server", "alertmanager", "pushgateway"]) {
    const start = `/usr/bin/narthex ${role} @/etc/narthex/${role}.flags`;
    machine.write(`/usr/lib/systemd/system/narthex-${role}.service`, `[Service]\nExecStart=${start}\n`);
    machine.write(`/etc/narthex/${role}.flags`, "# Flags\n--web.listen-address=:9999\n");
  }
  machine.enabled.add("narthex-server").add("narthex-alertmanager");
  machine.active.add("narthex-server").add("narthex-alertmanager");
}

test("services of a package are found by their roles, and are requested at the address in their file of flags", async () => {
  using machine = new FakeSystem();
  installPackage(machine);
  const { status, stdout } = await machine.service("status", "all");
  expect([status, stdout]).toEqual([
    0,
    expect.stringMatching(
      /^server \(narthex-server\): running .*; starts with the host\n {2}ready at http:\/\/127\.0\.0\.1:9999\n/,
    ),
  ]);
  expect(stdout).toContain("pushgateway (narthex-pushgateway): not installed\n");
  await machine.service("logs", "server", "alertmanager");
  expect(machine.commands.at(-1)).toMatch(
    /^journalctl --unit=narthex-server\.service --unit=narthex-alertmanager\.service /,
  );
});

test("status names the flags file of a package that this user cannot read", async () => {
  using machine = new FakeSystem();
  installPackage(machine);
  // Replaces the flags file by a folder, which cannot be read as a file even if the tests run as root.
  rmSync(join(machine.root, "etc/narthex/alertmanager.flags"));
  machine.write("/etc/narthex/alertmanager.flags/file", "");
  const { stdout } = await machine.service("status", "alertmanager");
  expect(stdout).toContain(
    "readiness is unknown, because this user cannot read /etc/narthex/alertmanager.flags; run the command with sudo",
  );
  expect(stdout).not.toContain("9093");
});

test("uninstall stops services of a package, and does not remove their units", async () => {
  using machine = new FakeSystem();
  installPackage(machine);
  const { status, stdout } = await machine.service("uninstall", "server", "pushgateway");
  expect([status, machine.active.has("narthex-server")]).toEqual([0, false]);
  expect(stdout).toBe(
    "narthex-server is removed except for the following; the commands remove it:\n" +
      "  /usr/lib/systemd/system/narthex-server.service belongs to a package: sudo apt remove narthex, or sudo dnf remove narthex\n" +
      "narthex-pushgateway is not installed\n",
  );
  expect(machine.has("/usr/lib/systemd/system/narthex-server.service")).toBe(true);
});

test("no service is installed if a package's service is enabled", async () => {
  using machine = new FakeSystem();
  installPackage(machine);
  machine.active.delete("narthex-server");
  const { status, stderr } = await machine.service("install", "server");
  expect([status, stderr]).toEqual([1, expect.stringContaining("sudo systemctl disable narthex-server")]);
  expect((await machine.service("install", "pushgateway")).status).toBe(0);
});

test("a new address is checked even if the running service still uses its old one", async () => {
  using machine = new FakeSystem();
  await machine.service("install", "pushgateway");
  machine.listening.add(9091).add(9999);
  expect((await machine.service("install", "pushgateway", "--log.level=debug")).status).toBe(0);
  const { status, stderr } = await machine.service("install", "pushgateway", "--web.listen-address=:9999");
  expect([status, stderr]).toEqual([1, expect.stringContaining("another program listens at :9999")]);
});

test("a role that is restarted again and again counts as not running, even if another program answers at its address", async () => {
  using machine = new FakeSystem();
  machine.restarting.add("prometheus");
  const { status, stdout, stderr } = await machine.service("install", "server");
  expect(status).toBe(1);
  expect(stdout).not.toContain("and starts with the host");
  expect(stderr).toContain("prometheus ends and is restarted again and again; see: narthex service logs server");
});

test("for a role that does not run, its last error is reported", async () => {
  using machine = new FakeSystem();
  machine.broken.add("prometheus");
  machine.journal.set("prometheus", "level=INFO msg=a\nlevel=ERROR msg=broken\nlevel=INFO msg=b\n");
  const { status, stderr } = await machine.service("install", "server");
  expect(status).toBe(1);
  expect(stderr).toContain(
    "prometheus does not run; its last error: level=ERROR msg=broken; see: narthex service logs server",
  );
});

test("a service can use a data folder outside /var/lib and a port below 1024", async () => {
  using machine = new FakeSystem();
  mkdirSync(machine.path("/data"));
  chmodSync(machine.path("/data"), 0o777);
  await machine.service("install", "server", "--storage.tsdb.path=/data", "--web.listen-address=:80");
  const unit = machine.read(UNIT);
  expect(unit).toContain("\nReadWritePaths=/data\n");
  expect(unit).not.toContain("StateDirectory");
  expect(unit).toContain("\nAmbientCapabilities=CAP_NET_BIND_SERVICE\n");
  expect(unit).toContain("\nPrivateUsers=false\n");
});

test("a role that monitors containers joins the group of the engine's socket, and no other role does", async () => {
  using machine = new FakeSystem();
  machine.write("/run/docker.sock", "");
  const socket = machine.path("/run/docker.sock");
  // The socket needs another group than root's, because no user is added to root's group.
  if (statSync(socket).gid === 0) chownSync(socket, 0, 999);
  machine.groups.set(String(statSync(socket).gid), "docker");
  await machine.service("install", "cadvisor");
  expect(machine.read("/etc/systemd/system/cadvisor.service")).toContain("\nSupplementaryGroups=docker\n");
  await machine.service("install", "node-exporter");
  const unit = "/etc/systemd/system/node_exporter.service";
  expect(machine.read(unit)).not.toContain("SupplementaryGroups");
  await machine.service("install", "node-exporter", "--collector.containers");
  expect(machine.read(unit)).toContain("\nSupplementaryGroups=docker\n");
});

/** Returns a machine whose configuration in /srv has additional settings in `global`. */
function configured(text: string): FakeSystem {
  const machine = new FakeSystem();
  machine.users.add("prometheus");
  machine.write("/srv/prom.yml", `global:\n${text}scrape_configs: []\n`);
  return machine;
}

test("a service can write logs that its configuration names", async () => {
  using machine = configured(
    "  query_log_file: /var/log/prom/query.log\n  scrape_failure_log_file: /var/lib/prometheus/f.log\n",
  );
  mkdirSync(machine.path("/var/log/prom"), { recursive: true });
  const { status, stderr } = await machine.service("install", "server", "--config.file=/srv/prom.yml");
  expect([status, stderr]).toEqual([0, ""]);
  expect(machine.commands).toContain("runuser -u prometheus -- test -w /var/log/prom");
  expect(machine.read(UNIT)).toContain("\nReadWritePaths=/var/log/prom\n");
  machine.closed.add("/var/log/prom");
  expect((await machine.service("install", "server")).stderr).toContain("may not write /var/log/prom;");
});

test("paths in a configuration that a service cannot see are reported", async () => {
  using machine = configured(
    "  query_log_file: /tmp/query.log\nremote_write: [{url: http://h, authorization: {credentials_file: /tmp/token}}]\n",
  );
  const { stderr } = await machine.service("install", "server", "--config.file=/srv/prom.yml");
  expect(stderr).toContain("the service has a separate /tmp, which does not contain /tmp/query.log");
  expect(stderr).toContain("the service has a separate /tmp, which does not contain /tmp/token");
  const textfile = await machine.service("install", "node-exporter", "--collector.textfile.directory=/tmp/x");
  expect(textfile.stderr).toContain("the service has a separate /tmp, which does not contain /tmp/x");
});

test("the unit gives a role access to home folders if its configuration names a file there", async () => {
  using machine = configured("remote_write: [{url: http://h, authorization: {credentials_file: /home/eve/token}}]\n");
  machine.write("/home/eve/token", "");
  await machine.service("install", "server", "--config.file=/srv/prom.yml");
  expect(machine.commands).toContain("runuser -u prometheus -- test -r /home/eve/token");
  expect(machine.read(UNIT)).toContain("\nProtectHome=read-only\n");
});

test("systemd creates the role's folders below /var/lib, unless they belong to another service", async () => {
  using machine = new FakeSystem();
  await machine.service("install", "server", "--storage.tsdb.path=/var/lib/prometheus/metrics2");
  expect(machine.read(UNIT)).toContain("\nStateDirectory=prometheus prometheus/metrics2\n");
  mkdirSync(machine.path("/var/lib/misc"), { recursive: true });
  const { stderr } = await machine.service("install", "pushgateway", "--persistence.file=/var/lib/misc/groups.db");
  expect(stderr).toContain("may not write /var/lib/misc");
});

test("status shows what runs, and exits with 3 if a service does not run", async () => {
  using machine = new FakeSystem();
  expect(await machine.service("status")).toMatchObject({
    status: 3,
    stdout: expect.stringContaining("server (prometheus): not installed"),
  });
  await machine.service("install", "server", "--web.external-url=http://h/prom/");
  const all = await machine.service("status");
  expect(all.status).toBe(0);
  expect(all.stdout).toContain(
    "server (prometheus): running since Mon, pid 42; starts with the host\n  ready at http://127.0.0.1:9090\n",
  );
  machine.httpAnswer = 503;
  expect((await machine.service("status", "server")).stdout).toContain(
    "http://127.0.0.1:9090/prom/-/ready answers 503",
  );
  machine.active.clear();
  machine.journal.set("prometheus", '{"level":"ERROR","msg":"x"}\n');
  expect(await machine.service("status", "server")).toMatchObject({
    status: 3,
    stdout: expect.stringContaining('failed since Mon, pid 42; starts with the host\n  last error: {"level":"ERROR"'),
  });
  expect((await machine.service("status", "alertmanager")).status).toBe(3);
});

test("status and uninstall of all include an installed cadvisor", async () => {
  using machine = new FakeSystem();
  expect((await machine.service("status", "all")).stdout).not.toContain("cadvisor");
  await machine.service("install", "cadvisor");
  expect((await machine.service("status")).stdout).toContain("cadvisor: running");
  await machine.service("uninstall", "all");
  expect(machine.has("/etc/systemd/system/cadvisor.service")).toBe(false);
});

test("logs runs journalctl", async () => {
  using machine = new FakeSystem();
  expect((await machine.service("logs", "server", "pushgateway", "-f", "-n", "5")).status).toBe(0);
  expect(machine.commands).toEqual([
    "journalctl --unit=prometheus.service --unit=pushgateway.service --lines=5 --follow",
  ]);
});

test("uninstall removes the unit and reports what remains", async () => {
  using machine = new FakeSystem();
  await machine.service("install", "server");
  machine.write("/var/lib/prometheus/wal/0", "");
  const { status, stdout } = await machine.service("uninstall", "server");
  expect(status).toBe(0);
  expect(machine.has(UNIT)).toBe(false);
  expect(machine.active.size).toBe(0);
  expect(machine.has("/etc/prometheus/prometheus.yml")).toBe(true);
  for (const path of ["/var/lib/prometheus", "/etc/prometheus"]) expect(stdout).toContain(`  ${path}: sudo rm -r `);
  expect(stdout).toContain("the user prometheus: sudo userdel prometheus");
  expect((await machine.service("uninstall", "server")).stdout).toBe("prometheus is not installed\n");
});

test("uninstall prints no command for folders and users that other services use too", async () => {
  using machine = new FakeSystem();
  mkdirSync(machine.path("/srv"));
  chmodSync(machine.path("/srv"), 0o777);
  await machine.service("install", "--user=eve", "pushgateway", "--persistence.file=/srv/groups.db");
  expect((await machine.service("uninstall", "pushgateway")).stdout).toContain(
    "is removed except for the following; the commands remove it:\n  /srv: check which of its files the role has written (--persistence.file)\n",
  );
});

test.each([
  [["install"], "name the roles"],
  [["install", "grafana"], 'the role "grafana" does not exist; choose one of server, alertmanager'],
  [["install", "server", "pushgateway", "--log.level=debug"], "install roles with flags one by one"],
  [["install", "--user=a b", "server"], "no name of a user"],
  [["install", "server", "--web.page-title=\ufdd0"], "systemd cannot read a unit file with one of these characters"],
  [["status", "grafana"], 'the role "grafana" does not exist'],
  [["logs"], "name the roles"],
  [["uninstall"], "name the roles"],
])("%j is refused", async (args, words) => {
  using machine = new FakeSystem();
  expect(await machine.service(...args)).toMatchObject({ status: 1, stderr: expect.stringContaining(words) });
});
