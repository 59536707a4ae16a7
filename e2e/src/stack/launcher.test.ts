import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync, readlinkSync, realpathSync, rmSync, symlinkSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { launcher, narthex, root, Running } from "../support/running.ts";
import { freePort } from "../support/ports.ts";
import { Workplace } from "../support/workplace.ts";

const ROLES = ["server", "alertmanager", "pushgateway", "node-exporter"] as const;
const PROGRAMS = {
  server: "prometheus, version 3.14.0",
  alertmanager: "alertmanager, version 0.34.0",
  pushgateway: "pushgateway, version 1.11.3",
  "node-exporter": "node_exporter, version 1.12.1",
};

const run = (...args: string[]) => spawnSync(launcher, args, { encoding: "utf8" });

test.each(ROLES)("%s --version names the peer's version and ours, --help lists the flags", (role) => {
  const version = run(role, "--version");
  expect(version.status).toBe(0);
  expect(version.stdout).toContain(PROGRAMS[role]);
  expect(version.stdout).toContain("narthex:");
  const help = run(role, "--help");
  expect(help.status).toBe(0);
  expect(help.stdout + help.stderr).toContain("--web.listen-address");
});

test.each(ROLES)("%s exits with status 1, the peer's message and a suggestion for an unknown flag", (role) => {
  const { status, stderr } = run(role, "--web.listen-adress=:1");
  expect(status).toBe(1);
  expect(stderr).toContain("unknown long flag '--web.listen-adress'");
  expect(stderr).toContain("did you mean '--web.listen-address'?");
});

test.each([["up"], ["promtool"], ["amtool"]])("%s --help prints a help text", (command) => {
  const { status, stdout } = run(command, "--help");
  expect(status).toBe(0);
  expect(stdout).toContain("usage:");
});

test("an unknown command exits with status 1", () => {
  const { status, stderr } = run("sever");
  expect(status).toBe(1);
  expect(stderr).toContain('unknown command "sever"');
});

test.each(["pushgateway", "node-exporter"] as const)(
  "%s runs in the launcher's own process and folder, and exits with 0 on SIGTERM",
  async (role) => {
    using workplace = new Workplace();
    const port = await freePort();
    await using running = narthex([role, "--web.listen-address", `127.0.0.1:${port}`], { cwd: workplace.folder });
    await running.ready(`http://127.0.0.1:${port}/metrics`);
    if (existsSync(`/proc/${running.child.pid}/exe`)) {
      expect(readlinkSync(`/proc/${running.child.pid}/exe`)).toMatch(/node_modules\/.*\/bin\/node$/);
      expect(readlinkSync(`/proc/${running.child.pid}/cwd`)).toBe(workplace.folder);
      expect(readFileSync(`/proc/${running.child.pid}/cmdline`, "utf8")).toMatch(
        /apps\/narthex\/dist\/bundle-\w+\/main\.js/,
      );
    }
    running.kill("SIGTERM");
    expect(await running.ended).toEqual({ code: 0, signal: null });
  },
);

test("the launcher uses the Node of node_modules, whatever `node` is in the PATH", () => {
  using workplace = new Workplace();
  workplace.write("node", "#!/bin/sh\necho v20.0.0\nexit 9\n");
  execFileSync("chmod", ["+x", workplace.path("node")]);
  const { status, stdout } = spawnSync(launcher, ["--version"], {
    encoding: "utf8",
    env: { ...process.env, PATH: `${workplace.folder}:/usr/bin:/bin` },
  });
  expect(status).toBe(0);
  expect(stdout).toMatch(/node v24\./);
});

test.each([
  ["v24.1.0", 0, "ran --disable-warning"],
  ["v25.0.0", 0, "ran --disable-warning"],
  ["v100.0.0", 0, "ran --disable-warning"],
  ["v22.20.0", 1, "no Node.js 24 or newer"],
])("without a Node in node_modules, %s in the PATH gives status %i", (version, wanted, text) => {
  using workplace = new Workplace();
  const programs = ["command-names.sh", "role-settings.sh", "src/role-settings.json"].map(
    (name) => `apps/narthex/${name}`,
  );
  for (const name of ["bin/narthex", ...programs])
    execFileSync("cp", [join(root, name), (workplace.write(name, ""), workplace.path(name))]);
  workplace.write("node_modules/.bin/node", "#!/nowhere/ld-linux\n");
  workplace.write("a b/node", `#!/bin/sh\nif [ "$1" = --version ]; then echo ${version}; else echo ran "$@"; fi\n`);
  for (const tool of ["dirname", "find", "readlink", "sed", "tr"])
    symlinkSync(
      execFileSync("sh", ["-c", `command -v ${tool}`], { encoding: "utf8" }).trim(),
      workplace.path("a b", tool),
    );
  for (const name of ["bin/narthex", "node_modules/.bin/node", "a b/node"])
    execFileSync("chmod", ["+x", workplace.path(name)]);
  const { status, stdout, stderr } = spawnSync(workplace.path("bin/narthex"), ["--version"], {
    encoding: "utf8",
    env: { PATH: workplace.path("a b") },
  });
  expect([status, stdout + stderr]).toEqual([wanted, expect.stringContaining(text)]);
});

test("the launcher says how to install if node_modules is missing", () => {
  using workplace = new Workplace();
  execFileSync("mkdir", ["-p", workplace.path("bin")]);
  execFileSync("cp", [launcher, workplace.path("bin/narthex")]);
  const { status, stderr } = spawnSync(workplace.path("bin/narthex"), ["server"], { encoding: "utf8" });
  expect(status).toBe(1);
  expect(stderr).toContain("npx --yes pnpm@12.21.0 install");
});

test("the launcher runs the bundle while no source is newer; otherwise roles get a new one, and tools run the sources", () => {
  using workplace = new Workplace();
  // The checkout is below a folder `src`, and its path contains characters of a pattern.
  const place = "src/a [b]";
  const says = (text: string): string => `console.log(${JSON.stringify(text)});\n`;
  execFileSync("mkdir", ["-p", workplace.path(place, "bin")]);
  execFileSync("cp", [launcher, workplace.path(place, "bin/narthex")]);
  symlinkSync(join(root, "node_modules"), workplace.path(place, "node_modules"));
  const at = (name: string, text: string, seconds: number): void =>
    utimesSync(workplace.write(join(place, name), text), seconds, seconds);
  const bundle = "apps/narthex/dist/current/main.js";
  for (const name of ["apps/narthex/role-settings.sh", "apps/narthex/src/role-settings.json"]) {
    at(name, readFileSync(join(root, name), "utf8"), 1000);
  }
  at("apps/narthex/src/main.ts", says("sources"), 1000);
  at("packages/x/src/x.ts", "", 1000);
  at(bundle, says("bundle"), 2000);
  at("apps/narthex/dist/current/package.json", "{}", 3000);
  at("apps/ui/src/page.ts", "", 3000);
  at("packages/x/node_modules/y/y.ts", "", 3000);
  at("packages/x/README.md", "", 3000);
  at("apps/narthex/bundle.ts", "process.exitCode = 1;", 1000);
  const output = (...args: string[]): string => {
    const { stdout, stderr } = spawnSync(workplace.path(place, "bin/narthex"), args, { encoding: "utf8" });
    return (stdout + stderr).trim();
  };
  expect([output("server"), output("promtool")]).toEqual(["bundle", "bundle"]);
  for (const source of ["packages/x/src/x.ts", "apps/narthex/src/table.json"]) {
    at(source, "{}", 3000);
    expect([output("server"), output("promtool")], source).toEqual(["sources", "sources"]);
    at(source, "{}", 1000);
  }
  at("packages/x/src/x.ts", "", 3000);
  const writeBundle = `import { writeFileSync } from "node:fs";
writeFileSync(new URL("dist/current/main.js", import.meta.url), ${JSON.stringify(says("new bundle"))});`;
  at("apps/narthex/bundle.ts", writeBundle, 1000);
  expect([output("promtool"), output("server"), output("promtool")]).toEqual(["sources", "new bundle", "new bundle"]);
  rmSync(workplace.path(place, bundle));
  expect([output("promtool"), output("up")]).toEqual(["sources", "new bundle"]);
});

test("a bundle that a role uses is kept when newer ones replace it", async () => {
  using workplace = new Workplace();
  const programs = ["bundle.ts", "role-settings.sh"].map((name) => `apps/narthex/${name}`);
  for (const name of ["bin/narthex", ...programs]) {
    execFileSync("cp", [join(root, name), (workplace.write(name, ""), workplace.path(name))]);
  }
  for (const name of ["packages", "node_modules", "apps/narthex/node_modules", "apps/narthex/src"]) {
    symlinkSync(join(root, name), workplace.path(name));
  }
  for (const name of ["alertmanager", "dashboards", "node-exporter", "pushgateway", "server"]) {
    symlinkSync(join(root, "apps", name), workplace.path("apps", name));
  }
  execFileSync("chmod", ["+x", workplace.path("bin/narthex")]);
  const build = (): string => {
    execFileSync(join(root, "node_modules/.bin/node"), [workplace.path("apps/narthex/bundle.ts")], { stdio: "ignore" });
    return realpathSync(workplace.path("apps/narthex/dist/current"));
  };
  const age = (bundle: string): void => utimesSync(bundle, 1000, 1000);
  const used = build();
  const port = await freePort();
  const args = ["pushgateway", "--web.listen-address", `127.0.0.1:${port}`];
  await using running = new Running(workplace.path("bin/narthex"), args, { cwd: workplace.folder });
  await running.ready(`http://127.0.0.1:${port}/metrics`);
  expect(existsSync(join(used, `pid.${running.child.pid}`))).toBe(true);
  age(used);
  const unused = build();
  age(unused);
  const newest = build();
  expect([used, unused, newest].map((bundle) => existsSync(bundle))).toEqual([true, false, true]);
  // Removes the pid file, because services cannot write one into the bundle.
  rmSync(join(used, `pid.${running.child.pid}`));
  age(used);
  build();
  expect(existsSync(used)).toBe(true);
  running.kill("SIGTERM");
  await running.ended;
  age(used);
  build();
  expect([used, newest].map((bundle) => existsSync(bundle))).toEqual([false, true]);
});
