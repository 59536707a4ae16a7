import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { commands } from "narthex/commands";
import { npmLauncher, shellLauncher, windowsLauncher } from "./launchers.ts";

const options = { revision: "abc123" };
/** No C library, because this machine may have any. */
const own = { arch: process.arch, platform: "any" };
const app = fileURLToPath(new URL("../../../narthex", import.meta.url));

/** An installation in a folder with spaces in its name; its bundle prints how it was started. */
function installation(): string {
  const place = mkdtempSync(join(tmpdir(), "narthex "));
  onTestFinished(() => rmSync(place, { recursive: true, force: true }));
  const home = join(place, "a home");
  mkdirSync(join(home, "bin"), { recursive: true });
  mkdirSync(join(home, "lib/narthex"), { recursive: true });
  for (const from of ["role-settings.sh", "src/role-settings.json", "command-names.sh"])
    writeFileSync(join(home, "lib/narthex", basename(from)), readFileSync(join(app, from)));
  writeFileSync(
    join(home, "lib/narthex/main.js"),
    "process.stdout.write(JSON.stringify({ args: process.argv.slice(2), flags: process.execArgv, env: process.env, pid: process.pid }));",
  );
  symlinkSync(process.execPath, join(home, "lib/node"));
  writeFileSync(join(home, "bin/narthex"), shellLauncher({ ...options, ...own }), { mode: 0o755 });
  writeFileSync(join(home, "bin/narthex.js"), npmLauncher(options), { mode: 0o755 });
  return home;
}

interface Started {
  readonly args: readonly string[];
  readonly flags: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly pid: number;
}

const LAUNCHERS = [
  ["bin/narthex", []],
  ["bin/narthex.js", [process.execPath]],
] as const;

test.each(LAUNCHERS)("%s starts a role with its settings, also if it is called through a link", (name, before) => {
  const home = installation();
  const link = join(home, "..", "link");
  symlinkSync(join("a home", name), link);
  for (const path of [join(home, name), link]) {
    const [program, ...args] = [...before, path, "node-exporter", "--a=b c", "d"] as [string, ...string[]];
    const { stdout, stderr, pid } = spawnSync(program, args, {
      encoding: "utf8",
      env: { PATH: "/usr/bin:/bin", MALLOC_TRIM_THRESHOLD_: "7" },
    });
    expect(stderr).toBe("");
    const started = JSON.parse(stdout) as Started;
    expect(started.args).toEqual(["node-exporter", "--a=b c", "d"]);
    expect(started.flags).toEqual([
      "--disable-warning=ExperimentalWarning",
      "--max-semi-space-size=1",
      "--wasm-wrapper-tiering-budget=2000000000",
      "--v8-pool-size=1",
      "--no-compact",
    ]);
    expect(started.env).toMatchObject({
      MALLOC_ARENA_MAX: "2",
      MALLOC_TRIM_THRESHOLD_: "7",
      UV_THREADPOOL_SIZE: "16",
      NARTHEX_REVISION: "abc123",
      NARTHEX_UI_DIR: join(home, "lib/narthex/ui"),
      NARTHEX_STARTER_CONFIG: join(home, "config"),
      NARTHEX_DASHBOARDS_DIR: join(home, "dashboards"),
    });
    // npm's launcher does not set NARTHEX_LAUNCHER, because it needs PATH, which services do not have.
    expect(started.env["NARTHEX_LAUNCHER"]).toBe(name === "bin/narthex" ? join(home, name) : undefined);
    expect(started.pid).toBe(pid);
  }
});

test.each(LAUNCHERS)("%s exits with the status of its program, and starts a tool without settings", (name, before) => {
  const home = installation();
  writeFileSync(join(home, "lib/narthex/main.js"), "process.exitCode = process.execArgv.length + 40;");
  const [program, ...args] = [...before, join(home, name), "promtool"] as [string, ...string[]];
  expect(spawnSync(program, args).status).toBe(41);
});

test.each([
  ["prometheus", "server", "--min-semi-space-size=4"],
  ["prometheus-node-exporter", "node-exporter", "--max-semi-space-size=1"],
  ["node_exporter", "node-exporter", "--max-semi-space-size=1"],
  ["promtool", "promtool", undefined],
])("a link %s to the launcher for shells starts %s with its settings", (name, command, setting) => {
  const home = installation();
  const link = join(home, "..", name);
  symlinkSync("a home/bin/narthex", link);
  const { stdout, stderr } = spawnSync(link, ["--a=b c", "d"], { encoding: "utf8", env: { PATH: "/usr/bin:/bin" } });
  expect(stderr).toBe("");
  const { args, flags } = JSON.parse(stdout) as Started;
  expect([args, flags[1]]).toEqual([[command, "--a=b c", "d"], setting]);
});

test.skipIf(!existsSync("/proc/sys/kernel/arch"))(
  "the launcher for shells names the archive to take on another machine",
  () => {
    const home = installation();
    writeFileSync(join(home, "bin/narthex"), shellLauncher({ ...options, ...own, arch: "riscv64" }));
    const { stderr } = spawnSync(join(home, "bin/narthex"), ["server"], { encoding: "utf8" });
    expect(stderr).toMatch(
      /^narthex: this program is for riscv64, and this machine is (\w+): .*, take the archive for \1\n$/,
    );
  },
);

test("the launcher for shells names the packages to take on a system with another C library", () => {
  const libraries = ["glibc", "musl"] as const;
  const hints = libraries.map((libc) => {
    const home = installation();
    writeFileSync(join(home, "bin/narthex"), shellLauncher({ arch: "x64", platform: "linux", ...options, libc }));
    const { stderr } = spawnSync(join(home, "bin/narthex"), ["server"], { encoding: "utf8" });
    return stderr.split("\n").filter((line) => line.includes(`this program is for ${libc}, and /lib`)).length;
  });
  const loaders = ["/lib64/ld-linux-x86-64.so.2", "/lib/ld-musl-x86_64.so.1"];
  expect(hints).toEqual(loaders.map((loader) => (existsSync(loader) ? 0 : 1)));
});

test("link names in launchers for shells are names of existing commands", () => {
  const script = readFileSync(join(app, "command-names.sh"), "utf8");
  const named = [...script.matchAll(/command=([a-z-]+) ;;/g)].map(([, name]) => name);
  expect(commands.map(({ name }) => name)).toEqual(expect.arrayContaining(named));
  expect(named.length).toBeGreaterThan(5);
});

test("the launcher for shells runs in the strictest shell", () => {
  const home = installation();
  expect(execFileSync("/bin/sh", ["-n", join(home, "bin/narthex")], { encoding: "utf8" })).toBe("");
});

test("the launcher for Windows has each role's flags, no variable of glibc, and Windows line ends", () => {
  const text = windowsLauncher(options);
  expect(text).not.toMatch(/[^\r]\n/);
  expect(text).toContain(
    'if "%~1"=="server" set "v8=--min-semi-space-size=4 --max-semi-space-size=4 --wasm-wrapper-tiering-budget=2000000000"\r\n',
  );
  expect(text).toContain('if "%~1"=="node-exporter" if not defined UV_THREADPOOL_SIZE set "UV_THREADPOOL_SIZE=16"\r\n');
  expect(text).not.toContain("MALLOC_");
  expect(text.replace("@echo off", "")).not.toContain("@");
});
