import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { docker, TestContainers } from "../support/docker.ts";
import { eventually } from "../support/eventually.ts";
import { lacks, peers } from "../support/requirements.ts";
import { root } from "../support/running.ts";
import { Workplace } from "../support/workplace.ts";
import { SystemdHost } from "./systemd-host.ts";
import { BUILDS_MS, lacksMachine, releaseOfCheckout } from "./built-release.ts";

const { version } = JSON.parse(readFileSync(join(root, "apps/narthex/package.json"), "utf8")) as { version: string };

let release = "";

beforeAll(async () => {
  if (!lacksMachine) release = await releaseOfCheckout();
}, BUILDS_MS);

const lacksDpkg = spawnSync("dpkg-deb", ["--version"]).status !== 0;

const deb = `narthex_${version}_amd64.deb`;

test.skipIf(lacksMachine || lacksDpkg)("dpkg reads the Debian package", () => {
  const field = (name: string): string =>
    execFileSync("dpkg-deb", ["-f", join(release, deb), name], { encoding: "utf8" }).trim();
  expect([field("Package"), field("Version"), field("Architecture")]).toEqual(["narthex", version, "amd64"]);
  const listed = execFileSync("dpkg-deb", ["-c", join(release, deb)], { encoding: "utf8" });
  expect(listed).toMatch(/^-rwxr-xr-x root\/root +\d+ .* \.\/usr\/lib\/narthex\/files\/lib\/node$/m);
  expect(listed).toMatch(
    /^lrwxrwxrwx root\/root .* \.\/usr\/bin\/narthex -> \.\.\/lib\/narthex\/current\/bin\/narthex$/m,
  );
  expect(listed).toContain("./usr/share/man/man1/narthex.1.gz");
  expect(listed).toContain("./usr/lib/systemd/system/narthex-server.service");
});

/**
 * Unpacks the Debian package, so that systemd finds both the units and the programs that the units start. Returns the
 * paths of the units.
 */
function unpackedUnits(own: Workplace): readonly string[] {
  execFileSync("dpkg-deb", ["-x", join(release, deb), own.folder]);
  const folder = own.path("usr/lib/systemd/system");
  return readdirSync(folder).map((name) => join(folder, name));
}

test.skipIf(lacksMachine || lacksDpkg || lacks("systemd"))(
  "systemd finds no fault in the units, and rates their exposure as low",
  () => {
    using own = new Workplace();
    for (const unit of unpackedUnits(own)) {
      const security = spawnSync("systemd-analyze", ["security", "--offline=true", "--threshold=20", unit], {
        encoding: "utf8",
      });
      expect([unit, security.status, security.status === 0 ? "" : security.stdout]).toEqual([unit, 0, ""]);
      const text = readFileSync(unit, "utf8");
      writeFileSync(unit, text.replace("/usr/bin/narthex", own.path("usr/lib/narthex/files/bin/narthex")));
      const { status, stderr } = spawnSync("systemd-analyze", ["verify", "--man=no", unit], { encoding: "utf8" });
      expect({ unit, status, stderr }).toEqual({ unit, status: 0, stderr: "" });
    }
  },
);

test.skipIf(lacksMachine || lacks("docker"))(
  "a Debian package can be installed and updated, keeps configuration and data when it is removed, and leaves nothing when it is purged",
  () => {
    using containers = new TestContainers(`narthex-deb-${process.pid}`);
    containers.run("debian", ["--network=none", "--user=root"], "setInterval(() => {}, 1e9)");
    const name = containers.named("debian");
    const shell = (script: string): string => docker("exec", name, "sh", "-ec", script);
    docker("cp", join(release, deb), `${name}:/narthex.deb`);
    // The time limit for the first code cache is raised, because the default assumes an idle machine.
    shell("NARTHEX_CODE_CACHE_SECONDS=600 dpkg --install /narthex.deb");
    // The image's Node is removed, because the package must use its own Node.
    expect(shell("rm -f $(which node) && narthex --version")).toContain(`narthex, version ${version}`);
    expect(shell("ls /usr/lib/narthex/current/lib/narthex/code-cache").split("\n").length).toBeGreaterThan(5);
    expect(
      shell("su -s /bin/sh narthex-server -c 'narthex promtool check config /etc/narthex/prometheus.yml'"),
    ).toContain("SUCCESS");
    for (const role of ["server", "alertmanager", "pushgateway", "node-exporter", "dashboards"])
      expect(
        shell(`su -s /bin/sh narthex-${role} -c 'narthex ${role} @/etc/narthex/${role}.flags --version'`),
      ).toContain("version");
    expect(shell("stat -c '%U %G %a' /var/lib/narthex /etc/narthex/alertmanager.yml")).toBe(
      "root root 755\nroot narthex-alertmanager 640",
    );
    shell(
      "echo '# mine' >> /etc/narthex/prometheus.yml; echo kept > /var/lib/narthex/samples; dpkg --install /narthex.deb",
    );
    expect(shell("tail -n 1 /etc/narthex/prometheus.yml; dpkg --verify narthex | grep /usr/lib || true")).toBe(
      "# mine",
    );
    shell("dpkg --remove narthex");
    expect(shell("tail -n 1 /etc/narthex/prometheus.yml; cat /var/lib/narthex/samples")).toBe("# mine\nkept");
    expect(shell("ls -d /usr/lib/narthex /usr/bin/narthex 2>&1 || true")).not.toMatch(/^\/usr/m);
    shell("dpkg --purge narthex");
    expect(shell("ls -d /etc/narthex /var/lib/narthex 2>/dev/null || true; getent passwd | grep narthex || true")).toBe(
      "",
    );
  },
);

const lacksHost = lacksMachine || lacks("docker");

/**
 * Time limit in ms for building an image, two starts of all services and an update. Even a busy machine needs less
 * time.
 */
const BOOTS_MS = 900_000;

/**
 * Environment variable that prevents the program's code cache. Building the cache would take longer than the rest of
 * the test.
 */
const NO_CODE_CACHE = "NARTHEX_CODE_CACHE_SECONDS=0.1";

const ROLES = ["server", "alertmanager", "pushgateway", "node-exporter", "dashboards"];

/** Checks that the restrictions in the systemd units are in effect for each running service. */
function expectBound(host: SystemdHost, units: readonly string[]): void {
  for (const unit of units) {
    const status = host.shell(`cat /proc/$(systemctl show --property=MainPID --value ${unit})/status`);
    const field = (name: string): string | undefined => new RegExp(`^${name}:\\s+(\\S+)`, "m").exec(status)?.[1];
    const bounds = { unit, user: field("Uid"), privileges: field("NoNewPrivs"), seccomp: field("Seccomp") };
    expect(bounds).toEqual({ unit, user: expect.not.stringMatching(/^0$/), privileges: "1", seccomp: "2" });
    expect([unit, field("CapBnd"), field("CapAmb")]).toEqual([unit, "0".repeat(16), "0".repeat(16)]);
    host.shell(`systemd-analyze security --no-pager --threshold=20 ${unit}`);
  }
}

/**
 * Returns data that the services have stored on disk: samples up to a time, and a group of metrics of the Pushgateway.
 */
function stored(host: SystemdHost, time: number): object {
  return {
    samples: host.query(`count_over_time(up[1h] @ ${time})`),
    pushed: /^some_metric.*/m.exec(host.fetch("http://127.0.0.1:9091/metrics"))?.[0],
  };
}

const push = (host: SystemdHost): Promise<string> =>
  eventually("the Pushgateway takes what is pushed", async () =>
    host.fetch("http://127.0.0.1:9091/metrics/job/some_job", "some_metric 3.14\n"),
  );

test.skipIf(lacksHost)(
  "services of the Debian package run under systemd, keep their data over a reboot and an update, and are gone with the package",
  { timeout: BOOTS_MS },
  async () => {
    using host = await SystemdHost.boot(`narthex-systemd-deb-${process.pid}`);
    const units = ROLES.map((role) => `narthex-${role}`);
    host.copy(join(release, deb), "/narthex.deb");
    host.shell(`${NO_CODE_CACHE} dpkg --install /narthex.deb`);
    expect(host.shell("systemctl is-active 'narthex-*' || true")).toBe("");
    host.shell(`systemctl enable --quiet --now ${units.join(" ")}`);
    await push(host);
    const time = await host.everyJobUp();
    expectBound(host, units);
    const before = stored(host, time);

    await host.reboot();
    await host.everyJobUp();
    expect([stored(host, time), host.failedUnits()]).toEqual([before, ""]);

    const status = host.shell("narthex service status");
    for (const unit of units)
      expect(status).toMatch(new RegExp(` \\(${unit}\\): running .*; starts with the host\n {2}ready at `));
    expect(host.shell("narthex service logs server")).toContain("Server is ready to receive web requests.");

    const pids = (): string => host.shell(`systemctl show --property=MainPID --value ${units.join(" ")}`);
    const old = pids();
    const later = `${version}+later`;
    host.shell(`dpkg-deb --raw-extract /narthex.deb /later && sed -i 's/^Version: .*/Version: ${later}/' /later/DEBIAN/control
      touch /later/usr/lib/narthex/files/later
      dpkg-deb --build -Znone /later /later.deb && ${NO_CODE_CACHE} dpkg --install /later.deb`);
    expect(host.shell("dpkg-query --show --showformat='${Version}' narthex")).toBe(later);
    expect(
      pids()
        .split("\n")
        .filter((pid) => old.includes(pid)),
    ).toEqual(
      pids()
        .split("\n")
        .filter((line) => line === ""),
    );
    // Only the folder of the new version remains after the processes of the old version have ended.
    expect(host.shell("cd /usr/lib/narthex && ls versions/*/later && ls versions | wc -l")).toMatch(/later\n1$/);
    await host.everyJobUp();
    expect([stored(host, time), host.failedUnits()]).toEqual([before, ""]);

    host.shell("dpkg --remove narthex");
    expect(host.shell("systemctl list-units --plain --no-legend 'narthex-*'; ls /var/lib/narthex")).toContain("server");
    host.shell(`${NO_CODE_CACHE} dpkg --install /later.deb`);
    await host.everyJobUp();
    expect([stored(host, time), host.failedUnits()]).toEqual([before, ""]);
    host.shell("dpkg --remove narthex");
    host.shell("dpkg --purge narthex");
    expect(host.shell("find /etc /var/lib /run/systemd -name 'narthex*' -not -path '*/dpkg/*'")).toBe("");
    expect([host.shell("systemctl is-system-running"), host.failedUnits()]).toEqual(["running", ""]);
  },
);

test.skipIf(lacksHost)(
  "`narthex service` of an archive installs every role under systemd, shows its status, and removes it again",
  { timeout: BOOTS_MS },
  async () => {
    using host = await SystemdHost.boot(`narthex-systemd-archive-${process.pid}`);
    const units = ["prometheus", "alertmanager", "pushgateway", "node_exporter", "narthex-dashboards"];
    host.copy(join(release, "unpacked", `narthex-${version}-linux-x64`), "/opt/narthex");
    const narthex = (...args: readonly string[]): string => host.shell(`/opt/narthex/bin/narthex ${args.join(" ")}`);
    expect(narthex("service", "install", "all").match(/ runs, and starts with the host: ready at /g)).toHaveLength(5);
    await push(host);
    const time = await host.everyJobUp();
    expectBound(host, units);
    const before = stored(host, time);

    await host.reboot();
    await host.everyJobUp();
    expect([stored(host, time), host.failedUnits()]).toEqual([before, ""]);
    expect(narthex("service", "status").match(/: running since .* starts with the host\n {2}ready at /g)).toHaveLength(
      5,
    );
    expect(narthex("service", "logs", "server")).toContain("Server is ready to receive web requests.");

    narthex("service", "uninstall", "all");
    expect(
      host.shell(`systemctl list-unit-files --no-legend ${units.map((unit) => `${unit}.service`).join(" ")} || true`),
    ).toBe("");
    expect(host.shell("ls /var/lib/prometheus")).toContain("wal");
    expect(host.failedUnits()).toBe("");
  },
);

/**
 * A systemd unit file that a user might write, with quotes inside arguments and a backslash after the last argument.
 */
const UNIT_OF_A_USER = `[Unit]
Description=Pushgateway
After=network-online.target
Wants=network-online.target

[Service]
User=nobody
ExecStart=/pushgateway --web.listen-address=":9091" --web.telemetry-path="/metrics" --persistence.interval=5m --log.level="info" \\

[Install]
WantedBy=multi-user.target
`;

test.skipIf(lacksHost)(
  "a user's unit file for the original starts a link with the original's name",
  { timeout: BOOTS_MS },
  async () => {
    using host = await SystemdHost.boot(`narthex-systemd-unit-${process.pid}`);
    host.copy(join(release, "unpacked", `narthex-${version}-linux-x64`), "/opt/narthex");
    using workplace = new Workplace();
    host.copy(workplace.write("pushgateway.service", UNIT_OF_A_USER), "/etc/systemd/system/pushgateway.service");
    host.shell("ln -s /opt/narthex/bin/narthex /pushgateway; systemctl enable --quiet --now pushgateway");
    await push(host);
    expect(host.fetch("http://127.0.0.1:9091/metrics")).toMatch(/^some_metric\{.*\} 3\.14$/m);
    expect([host.shell("systemctl is-active pushgateway"), host.failedUnits()]).toEqual(["active", ""]);
  },
);

/**
 * Returns a systemd unit like those that Linux distributions ship for Prometheus. A file of environment variables
 * contains the program's flags.
 */
const unitOfDistribution = (program: string): string => `[Unit]
Description=Monitoring

[Service]
Restart=on-failure
User=prometheus
EnvironmentFile=/etc/default/${program}
ExecStart=/usr/bin/${program} $ARGS
ExecReload=/bin/kill -HUP $MAINPID

[Install]
WantedBy=multi-user.target
`;

/** Command line flags in the distribution's units, by program. */
const FLAGS_OF_DISTRIBUTION: Readonly<Record<string, string>> = {
  prometheus: "--config.file=/etc/prometheus/prometheus.yml --storage.tsdb.path=/var/lib/prometheus/metrics2/",
  "prometheus-node-exporter": "--collector.textfile.directory=/var/lib/prometheus/node-exporter",
};

test.skipIf(lacksHost || lacks("peers"))(
  "`narthex migrate` replaces a distribution's services of the originals and restores them, with all samples",
  { timeout: BOOTS_MS },
  async () => {
    using host = await SystemdHost.boot(`narthex-systemd-migrate-${process.pid}`);
    host.copy(join(release, "unpacked", `narthex-${version}-linux-x64`), "/opt/narthex");
    host.shell(`useradd --system --no-create-home prometheus
      mkdir -p /etc/prometheus /var/lib/prometheus/node-exporter && chown -R prometheus: /var/lib/prometheus
      echo 'scrape_configs: [{job_name: node, scrape_interval: 1s, static_configs: [{targets: ["localhost:9100"]}]}]' > /etc/prometheus/prometheus.yml`);
    using workplace = new Workplace();
    const programs = Object.entries(FLAGS_OF_DISTRIBUTION);
    for (const [program, flags] of programs) {
      host.copy(join(peers, program), `/usr/bin/${program}`);
      host.copy(workplace.write(program, `ARGS="${flags}"\n`), `/etc/default/${program}`);
      host.copy(
        workplace.write(`${program}.service`, unitOfDistribution(program)),
        `/usr/lib/systemd/system/${program}.service`,
      );
    }
    const services = programs.map(([program]) => program).join(" ");
    host.shell(`systemctl daemon-reload && systemctl enable --quiet --now ${services}`);
    /** Waits until the server has more scraped samples than before. */
    const scrapedFrom = (before: number): Promise<number> =>
      eventually("samples", async () => {
        const count = host.query("sum by (job) (count_over_time(up[1h]))")["node"] ?? 0;
        if (count < before + 3) throw new Error(`${count} samples`);
        return count;
      });
    const theirs = await scrapedFrom(0);
    const done = host.shell("cd /root && /opt/narthex/bin/narthex migrate --apply --json");
    expect(JSON.parse(done)).toMatchObject({ verdict: "maps", roles: [{ target: "service" }, { target: "service" }] });
    host.shell("sh /root/narthex-migrate/switch-over.sh");
    const active = (...units: readonly string[]): string =>
      host.shell(`systemctl is-active ${units.join(" ")} || true`);
    expect(active("prometheus", "node_exporter", "prometheus-node-exporter")).toBe("active\nactive\ninactive");
    expect(host.fetch("http://127.0.0.1:9090/api/v1/status/buildinfo")).toContain("narthexVersion");
    const ours = await scrapedFrom(theirs);

    host.shell("sh /root/narthex-migrate/go-back.sh");
    expect(active("prometheus", "node_exporter", "prometheus-node-exporter")).toBe("active\ninactive\nactive");
    await eventually("the original answers", async () => {
      expect(host.fetch("http://127.0.0.1:9090/api/v1/status/buildinfo")).not.toContain("narthexVersion");
    });
    await scrapedFrom(ours);
    expect(host.failedUnits()).toBe("");
  },
);
