import { execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { systemClock } from "@narthex/runtime";
import { ManualClock, memoryLogger, settle, temporaryFolder } from "@narthex/runtime/testing";
import { expect, onTestFinished, test } from "vitest";
import { ensureUiBundle } from "./ui-bundle.ts";

/**
 * A simulated build tool, which records that it ran. If the file "wait" exists, the tool waits until the file "go"
 * exists.
 */
const VITE = `
  const { appendFileSync, existsSync, mkdirSync, writeFileSync } = require("node:fs");
  const out = process.argv[process.argv.indexOf("--outDir") + 1];
  appendFileSync("builds", "x");
  writeFileSync("pid", String(process.pid));
  const finish = () => {
    if (existsSync("wait") && !existsSync("go")) return setTimeout(finish, 5);
    if (existsSync("broken")) throw new Error("no such icon");
    mkdirSync(out + "/assets", { recursive: true });
    writeFileSync(out + "/index.html", "new");
  };
  finish();
`;

/** Creates a checkout of the user interface whose bundle is older than its sources. */
function uiApp() {
  const app = temporaryFolder();
  const write = (name: string, text: string): void => {
    mkdirSync(join(app, name, ".."), { recursive: true });
    writeFileSync(join(app, name), text);
  };
  write("node_modules/vite/bin/vite.js", VITE);
  write("src/main.ts", "");
  write("dist/index.html", "old");
  utimesSync(join(app, "dist/index.html"), 1, 1);
  return {
    write,
    folder: join(app, "dist"),
    page: () => readFileSync(join(app, "dist/index.html"), "utf8"),
    builds: () => (existsSync(join(app, "builds")) ? readFileSync(join(app, "builds"), "utf8").length : 0),
    /** Returns temporary files that are left next to the bundle. */
    leftovers: () =>
      readdirSync(app)
        .filter((name) => name.startsWith("dist."))
        .toSorted(),
  };
}

const options = { clock: systemClock, logger: memoryLogger(), signal: new AbortController().signal };

const run = promisify(execFile);

const processArguments = (folder: string): readonly string[] => [
  "--input-type=module",
  "-e",
  `
    import { systemClock } from "@narthex/runtime";
    import { ensureUiBundle } from ${JSON.stringify(new URL("ui-bundle.ts", import.meta.url).pathname)};
    const logger = { info() {}, warn(message, fields) { console.error(message, fields); } };
    await ensureUiBundle(${JSON.stringify(folder)}, { clock: systemClock, logger, signal: new AbortController().signal });
  `,
];

/** Runs ensureUiBundle() in a separate process. Returns the standard error of that process. */
async function inProcess(folder: string): Promise<string> {
  const { stderr } = await run(process.execPath, processArguments(folder), { cwd: import.meta.dirname });
  return stderr.replaceAll(/^.*(ExperimentalWarning|--trace-warnings).*\n/gm, "");
}

test("ensureUiBundle() builds once if several processes start together, and each of them finds the new bundle", async () => {
  const ui = uiApp();
  ui.write("wait", "");
  const started = Promise.all(Array.from({ length: 3 }, () => inProcess(ui.folder)));
  while (ui.builds() === 0) await systemClock.sleep(5);
  ui.write("go", "");
  expect(await started).toEqual(["", "", ""]);
  expect(ui.page()).toBe("new");
  expect(ui.builds()).toBe(1);
  expect(ui.leftovers()).toEqual([]);
});

test("ensureUiBundle() keeps a bundle that another build has put in place meanwhile", async () => {
  const ui = uiApp();
  ui.write("wait", "");
  const building = [ensureUiBundle(ui.folder, options)];
  while (ui.builds() === 0) await systemClock.sleep(5);
  rmSync(`${ui.folder}.lock`, { force: true });
  building.push(ensureUiBundle(ui.folder, options));
  while (ui.builds() === 1) await systemClock.sleep(5);
  ui.write("go", "");
  await Promise.all(building);
  expect(ui.page()).toBe("new");
  expect(ui.leftovers()).toEqual([]);
});

test("ensureUiBundle() takes the lock if its process no longer exists, or if the lock is older than any build", async () => {
  const gone = uiApp();
  const { pid } = spawnSync(process.execPath, ["-e", ""]);
  gone.write("dist.lock", `${pid}\n`);
  await ensureUiBundle(gone.folder, options);
  expect(gone.page()).toBe("new");
  const old = uiApp();
  old.write("dist.lock", `${process.pid}\n`);
  utimesSync(join(old.folder, "../dist.lock"), 1, 1);
  await ensureUiBundle(old.folder, options);
  expect([old.page(), old.leftovers()]).toEqual(["new", []]);
});

test("a build ends if its process is killed, and a later build removes its leftovers", async () => {
  const ui = uiApp();
  ui.write("wait", "");
  const killed = spawn(process.execPath, processArguments(ui.folder), { cwd: import.meta.dirname, stdio: "ignore" });
  const pidFile = join(ui.folder, "../pid");
  while (!existsSync(pidFile) || readFileSync(pidFile, "utf8") === "") await systemClock.sleep(5);
  const ended = once(killed, "exit");
  killed.kill("SIGKILL");
  await ended;
  const builder = Number(readFileSync(pidFile, "utf8"));
  while (existsSync(`/proc/${builder}/exe`)) await systemClock.sleep(5);
  for (const name of ui.leftovers()) utimesSync(join(ui.folder, "..", name), 1, 1);
  expect(ui.leftovers()).toHaveLength(2);
  ui.write("go", "");
  await ensureUiBundle(ui.folder, options);
  expect([ui.page(), ui.leftovers()]).toEqual(["new", []]);
});

test("a build removes the leftover folders of other builds, and no other files next to the bundle", async () => {
  const ui = uiApp();
  ui.write("dist.build-aB3dE6/fresh/index.html", "left");
  const others = ["dist.backup", "dist.tar.gz", "dist.build-a.b.c.", "dist.build-abcde7", "dist.build-longer1"];
  ui.write("dist.backup/index.html", "kept");
  ui.write("dist.build-longer1/index.html", "kept");
  for (const name of ["dist.tar.gz", "dist.build-a.b.c.", "dist.build-abcde7"]) ui.write(name, "kept");
  for (const name of ui.leftovers()) utimesSync(join(ui.folder, "..", name), 1, 1);
  await ensureUiBundle(ui.folder, options);
  expect([ui.page(), ui.leftovers()]).toEqual(["new", others.toSorted()]);
});

/** Id of a user who owns no files, because the tests may run as root. */
const NOBODY = 65_534;

test("a folder that cannot be removed affects neither a build nor the removal of other folders", async () => {
  const ui = uiApp();
  const app = join(ui.folder, "..");
  const left = ["dist.build-aaaaaa", "dist.build-bbbbbb"];
  for (const name of left) ui.write(`${name}/index.html`, "left");
  for (const name of left) utimesSync(join(app, name), 1, 1);
  const kept = join(app, left[0]!);
  chmodSync(kept, 0o555);
  onTestFinished(() => chmodSync(kept, 0o755));
  const isRoot = process.getuid!() === 0;
  if (isRoot) {
    for (const path of [app, ui.folder, join(app, left[1]!)]) chownSync(path, NOBODY, NOBODY);
    process.seteuid!(NOBODY);
  }
  const building = ensureUiBundle(ui.folder, options);
  if (isRoot) process.seteuid!(0);
  await building;
  expect([ui.page(), ui.leftovers()]).toEqual(["new", [left[0]]]);
});

test("ensureUiBundle() waits while another process builds, builds if that one fails, and ends with the signal", async () => {
  const ui = uiApp();
  ui.write("dist.lock", `${process.pid}\n`);
  const clock = new ManualClock(0);
  const stopping = new AbortController();
  const given = ensureUiBundle(ui.folder, { ...options, clock, signal: stopping.signal });
  const waiting = ensureUiBundle(ui.folder, { ...options, clock });
  await settle();
  stopping.abort(new Error("stopping"));
  await given;
  expect(ui.builds()).toBe(0);
  rmSync(`${ui.folder}.lock`, { force: true });
  await clock.advance(500);
  await waiting;
  expect([ui.page(), ui.builds()]).toEqual(["new", 1]);
});

test("if ensureUiBundle() fails, it keeps the old bundle, logs the reason and does not reject", async () => {
  const ui = uiApp();
  ui.write("broken", "");
  const logger = memoryLogger();
  await ensureUiBundle(ui.folder, { ...options, logger });
  expect(ui.page()).toBe("old");
  expect(ui.leftovers()).toEqual([]);
  const [line] = logger.lines.filter(({ message }) => message.startsWith("The user interface could not be built"));
  expect(String(line?.fields["err"])).toContain("no such icon");
});

test("in a checkout that this user cannot write to, the log says who can build the user interface", async () => {
  const ui = uiApp();
  const logger = memoryLogger();
  // The clock fails in place of the folder, because a test that runs as root can write everywhere.
  const closed = Object.assign(new Error("EACCES: permission denied"), { code: "EACCES" });
  const clock = {
    ...options.clock,
    now: (): number => {
      throw closed;
    },
  };
  await ensureUiBundle(ui.folder, { ...options, clock, logger });
  expect(logger.lines.map(({ fields }) => fields["hint"])).toEqual([
    `start a role once as a user who can write to ${join(ui.folder, "..")}`,
  ]);
});

test("a failed build is not repeated before a source has changed", async () => {
  const ui = uiApp();
  for (const name of ["src/main.ts", "src"]) utimesSync(join(ui.folder, "..", name), 2, 2);
  ui.write("broken", "");
  const logger = memoryLogger();
  const failures = (): number => logger.lines.filter(({ message }) => message.includes("could not be built")).length;
  for (let asked = 0; asked < 3; asked++) await ensureUiBundle(ui.folder, { ...options, logger });
  expect([ui.builds(), failures()]).toEqual([1, 1]);
  ui.write("src/main.ts", "still wrong");
  for (let asked = 0; asked < 3; asked++) await ensureUiBundle(ui.folder, { ...options, logger });
  expect([ui.builds(), failures()]).toEqual([2, 2]);
  rmSync(join(ui.folder, "../broken"));
  utimesSync(join(ui.folder, "../src/main.ts"), 3, 3);
  await ensureUiBundle(ui.folder, { ...options, logger });
  expect([ui.page(), ui.builds(), failures()]).toEqual(["new", 3, 2]);
});
