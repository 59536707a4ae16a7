import { execFileSync, spawn, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, realpathSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, test } from "vitest";
import { eventually, Fatal } from "../support/eventually.ts";
import { freePortOffset } from "../support/ports.ts";
import { root } from "../support/running.ts";
import { Workplace } from "../support/workplace.ts";
import {
  BUILDS_MS,
  copyCheckout,
  lacksMachine,
  makeRelease,
  node,
  PARTS,
  releaseOfCheckout,
  SOURCE,
} from "./built-release.ts";
import { smallRegistry } from "../support/small-registry.ts";

const { version } = JSON.parse(readFileSync(join(root, "apps/narthex/package.json"), "utf8")) as { version: string };
const archive = `narthex-${version}-linux-x64`;

/**
 * Time limit in ms for a program of the release. A program that exceeds it is ended and reported. Even on a busy
 * machine, a program needs less time.
 */
const HANGS_MS = 540_000;
const STOPS_MS = 60_000;

/** Sends a signal to a process and its descendants (its process group). */
function endGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

let out = "";

beforeAll(async () => {
  if (!lacksMachine) out = await releaseOfCheckout();
}, BUILDS_MS);

const released = (name: string): string => join(out, name);

test.skipIf(lacksMachine)(
  "a checkout at another path builds a release with the same bytes",
  { timeout: BUILDS_MS },
  async () => {
    using other = new Workplace();
    const checkout = other.path("a checkout elsewhere");
    copyCheckout(checkout);
    await makeRelease(checkout, ...PARTS, `--out=${other.path("out")}`);
    const sums = (folder: string): string => readFileSync(join(folder, "SHA256SUMS"), "utf8");
    expect(sums(other.path("out"))).toBe(sums(out));
  },
);

test.skipIf(lacksMachine)("checksums, provenance and the bill of materials match the release's files", () => {
  expect(spawnSync("sha256sum", ["--check", "--strict", "SHA256SUMS"], { cwd: out, encoding: "utf8" }).status).toBe(0);
  const sums = readFileSync(released("SHA256SUMS"), "utf8");
  const files = readdirSync(out, { withFileTypes: true }).filter((entry) => entry.isFile());
  for (const { name } of files) if (name !== "SHA256SUMS") expect(sums).toContain(`  ${name}\n`);
  const statement = JSON.parse(readFileSync(released(`narthex-${version}.provenance.json`), "utf8")) as {
    subject: { name: string; digest: { sha256: string } }[];
  };
  for (const { name, digest } of statement.subject) expect(sums).toContain(`${digest.sha256}  ${name}\n`);
  const bill = JSON.parse(readFileSync(released(`${archive}.cdx.json`), "utf8")) as {
    components: { name: string; licenses: object[] }[];
  };
  const names = bill.components.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(["node", "koffi", "@koromix/koffi-linux-x64", "fastify", "react"]));
  expect(bill.components.filter(({ licenses }) => JSON.stringify(licenses).includes("unknown"))).toEqual([]);
});

test.skipIf(lacksMachine)(
  "neither the archive nor the npm package contains the path of the checkout that built it",
  () => {
    const inside = released(join("unpacked", archive));
    const found = spawnSync("grep", ["-rlF", "--exclude=node", root.replace(/\/$/, ""), inside], { encoding: "utf8" });
    expect(found.stdout).toBe("");
  },
);

/**
 * Command prefix that runs a program in a network with only a loopback device; undefined if this machine does not
 * permit that.
 */
const ALONE = [["-n"], ["-rn"]].find(
  (options) => spawnSync("unshare", [...options, "ip", "link", "set", "lo", "up"]).status === 0,
);

test.skipIf(lacksMachine || ALONE === undefined)(
  "the archive runs from a folder with a space in its name, without a network, and without Node in PATH",
  () => {
    using own = new Workplace();
    const folder = own.path("a folder");
    mkdirSync(folder);
    execFileSync("tar", ["-xzf", released(`${archive}.tar.gz`), "-C", folder]);
    // Folder with the only programs that the launcher can find, besides a shell.
    const programs = own.path("programs");
    mkdirSync(programs);
    for (const name of ["dirname", "readlink"])
      symlinkSync(execFileSync("which", [name], { encoding: "utf8" }).trim(), join(programs, name));
    const link = own.path("narthex");
    symlinkSync(join(folder, archive, "bin/narthex"), link);
    const probe = fileURLToPath(new URL("stack-probe.mjs", import.meta.url));
    const script = 'ip link set lo up && cd "$1" && PATH=$2 && shift 2 && exec "$@"';
    const args = ["sh", "-c", script, "sh", own.folder, programs, node, probe, link, "up"];
    const { stdout, stderr } = spawnSync("unshare", [...ALONE!, ...args], {
      encoding: "utf8",
      env: { PATH: process.env["PATH"], HOME: own.folder },
      timeout: HANGS_MS,
    });
    expect(stderr).toBe("");
    const { began, pages, status, output } = JSON.parse(stdout) as Record<string, unknown>;
    expect({ began, status }, String(output)).toEqual({ began: "ready", status: 0 });
    const page = { status: 200, asset: 200, encoding: "br", docs: 200 };
    expect(pages).toEqual({
      server: page,
      alertmanager: page,
      pushgateway: page,
      dashboards: page,
      "node-exporter": { status: 200 },
      elsewhere: expect.stringMatching(/^E/) as string,
      revision: SOURCE.NARTHEX_REVISION,
    });
    expect(output).toContain(`configuration in ${join(folder, archive, "config")}, data in ${own.path("data")}`);
  },
);

test.skipIf(lacksMachine)("every command of the archive answers to --help", () => {
  using own = new Workplace();
  // The unpacked archive is copied, because running programs store compiled code in their folder.
  cpSync(released(join("unpacked", archive)), own.path(archive), { recursive: true, verbatimSymlinks: true });
  const run = (...args: readonly string[]) =>
    spawnSync(own.path(archive, "bin/narthex"), args, { encoding: "utf8", env: { PATH: "/usr/bin:/bin" } });
  const commands = run("--help")
    .stdout.match(/^ {2}[a-z-]+/gm)!
    .map((name) => name.trim());
  expect(commands.length).toBeGreaterThan(8);
  for (const name of commands) expect([name, run(name, "--help").status]).toEqual([name, 0]);
  expect(run("--version").stdout).toMatch(`narthex, version ${version} (node v24.`);
});

test.skipIf(lacksMachine)(
  "npx starts the npm package in an empty folder, with a registry that has only its dependency",
  async () => {
    using own = new Workplace();
    const koffi = realpathSync(join(root, "packages/runtime/node_modules/koffi"));
    await using registry = await smallRegistry(own, [koffi, join(dirname(koffi), "@koromix/koffi-linux-x64")]);
    const tarball = `narthex-${version}.tgz`;
    mkdirSync(own.path("empty"));
    symlinkSync(released(tarball), own.path("empty", tarball));
    const offset = await freePortOffset();
    const child = spawn("npx", ["--yes", `./${tarball}`, "up", `--port-offset=${offset}`], {
      cwd: own.path("empty"),
      // A process group of its own, so that signals also reach the child of npx.
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        PATH: `${dirname(node)}:${process.env["PATH"]}`,
        HOME: own.folder,
        npm_config_registry: registry.url,
        npm_config_cache: own.path("cache"),
        npm_config_update_notifier: "false",
        npm_config_audit: "false",
      },
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => (output += text));
    const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
    try {
      await eventually("narthex up is ready", async () => {
        if (child.exitCode !== null) throw new Fatal(output);
        if (!output.includes("Ready.")) throw new Error(output);
      });
      const page = await fetch(`http://127.0.0.1:${9090 + offset}/`);
      expect([page.status, await page.text()]).toEqual([200, expect.stringContaining("assets/")]);
      const metrics = await (await fetch(`http://127.0.0.1:${9100 + offset}/metrics`)).text();
      // Checks a metric that exists only if the native part of the package koffi works.
      expect(metrics).toMatch(/^node_timex_sync_status /m);
      expect(readdirSync(own.path("empty")).sort()).toEqual(["data", tarball]);
    } finally {
      endGroup(child.pid!, "SIGTERM");
      const late = setTimeout(() => endGroup(child.pid!, "SIGKILL"), STOPS_MS);
      await ended;
      clearTimeout(late);
    }
  },
);

test("targets that cannot be built are reported before anything is built", () => {
  using workplace = new Workplace();
  const refused = (...args: readonly string[]) =>
    spawnSync(node, [join(root, "apps/release/src/release.ts"), ...args], {
      encoding: "utf8",
      env: { ...process.env, ...SOURCE },
    });
  const { status, stderr } = refused("--target=linux-x64-musl", `--out=${workplace.path("none")}`);
  expect([status, stderr]).toEqual([
    1,
    "release: linux-x64-musl is left out: npm has no Node for it; give one with --node=linux-x64-musl=PATH\n",
  ]);
  expect(refused("--format=zip").stderr).toContain('--format: there is no "zip"');
  expect(readdirSync(workplace.folder)).not.toContain("none");
});
