import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { docker, TestContainers } from "../support/docker.ts";
import { lacks } from "../support/requirements.ts";
import { root } from "../support/running.ts";
import { Workplace } from "../support/workplace.ts";
import { BUILDS_MS, lacksMachine, makeRelease } from "./built-release.ts";

const { version } = JSON.parse(readFileSync(join(root, "apps/narthex/package.json"), "utf8")) as { version: string };

let place: Workplace;

beforeAll(async () => {
  place = new Workplace();
  if (!lacksMachine) await makeRelease(root, "--target=linux-x64", "--format=deb", `--out=${place.folder}`);
}, BUILDS_MS);

afterAll(() => place[Symbol.dispose]());

const lacksDpkg = spawnSync("dpkg-deb", ["--version"]).status !== 0;

const deb = `narthex_${version}_amd64.deb`;

test.skipIf(lacksMachine || lacksDpkg)("dpkg reads the Debian package", () => {
  const field = (name: string): string =>
    execFileSync("dpkg-deb", ["-f", place.path(deb), name], { encoding: "utf8" }).trim();
  expect([field("Package"), field("Version"), field("Architecture")]).toEqual(["narthex", version, "amd64"]);
  const listed = execFileSync("dpkg-deb", ["-c", place.path(deb)], { encoding: "utf8" });
  expect(listed).toMatch(/^-rwxr-xr-x root\/root +\d+ .* \.\/usr\/lib\/narthex\/lib\/node$/m);
  expect(listed).toMatch(/^lrwxrwxrwx root\/root .* \.\/usr\/bin\/narthex -> \.\.\/lib\/narthex\/bin\/narthex$/m);
  expect(listed).toContain("./usr/share/man/man1/narthex.1.gz");
  expect(listed).toContain("./usr/lib/systemd/system/narthex-server.service");
});

/** Units as the package has them, where systemd finds the program that they start. */
function unpackedUnits(own: Workplace): readonly string[] {
  execFileSync("dpkg-deb", ["-x", place.path(deb), own.folder]);
  const folder = own.path("usr/lib/systemd/system");
  return readdirSync(folder).map((name) => join(folder, name));
}

test.skipIf(lacksMachine || lacksDpkg || lacks("systemd"))(
  "systemd finds no fault in the units, and little that they could harm",
  () => {
    using own = new Workplace();
    for (const unit of unpackedUnits(own)) {
      const security = spawnSync("systemd-analyze", ["security", "--offline=true", "--threshold=20", unit], {
        encoding: "utf8",
      });
      expect([unit, security.status, security.status === 0 ? "" : security.stdout]).toEqual([unit, 0, ""]);
      const text = readFileSync(unit, "utf8");
      writeFileSync(unit, text.replace("/usr/bin/narthex", own.path("usr/lib/narthex/bin/narthex")));
      const { status, stderr } = spawnSync("systemd-analyze", ["verify", "--man=no", unit], { encoding: "utf8" });
      expect({ unit, status, stderr }).toEqual({ unit, status: 0, stderr: "" });
    }
  },
);

test.skipIf(lacksMachine || lacks("docker"))(
  "a Debian package is installed and updated, keeps configuration and data when it is removed, and leaves nothing when it is purged",
  () => {
    using containers = new TestContainers(`narthex-deb-${process.pid}`);
    containers.run("debian", ["--network=none", "--user=root"], "setInterval(() => {}, 1e9)");
    const name = containers.named("debian");
    const shell = (script: string): string => docker("exec", name, "sh", "-ec", script);
    docker("cp", place.path(deb), `${name}:/narthex.deb`);
    // The limit of the first code is for a machine that does nothing else.
    shell("NARTHEX_CODE_CACHE_SECONDS=600 dpkg --install /narthex.deb");
    // The image has a Node of its own, which is none of the package's business.
    expect(shell("rm -f $(which node) && narthex --version")).toContain(`narthex, version ${version}`);
    expect(shell("ls /usr/lib/narthex/lib/narthex/code-cache").split("\n").length).toBeGreaterThan(5);
    expect(shell("su -s /bin/sh narthex -c 'narthex promtool check config /etc/narthex/prometheus.yml'")).toContain(
      "SUCCESS",
    );
    for (const role of ["server", "alertmanager", "pushgateway", "node-exporter", "dashboards"])
      expect(shell(`su -s /bin/sh narthex -c 'narthex ${role} @/etc/narthex/${role}.flags --version'`)).toContain(
        "version",
      );
    expect(shell("stat -c '%U %a' /var/lib/narthex")).toBe("narthex 750");
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
    expect(shell("ls -d /etc/narthex /var/lib/narthex 2>/dev/null || true; getent passwd narthex || true")).toBe("");
  },
);
