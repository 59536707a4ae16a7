import { execFile, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { systemClock } from "@narthex/runtime";
import { ManualClock, memoryLogger, settle } from "@narthex/runtime/testing";
import { expect, onTestFinished, test } from "vitest";
import { ensureUiBundle } from "./ui-bundle.ts";

/** A UI whose build notes that it ran and waits for the file "go", where there is a file "wait". */
const VITE = `
  const { appendFileSync, existsSync, mkdirSync, writeFileSync } = require("node:fs");
  const out = process.argv[process.argv.indexOf("--outDir") + 1];
  appendFileSync("builds", "x");
  const finish = () => {
    if (existsSync("wait") && !existsSync("go")) return setTimeout(finish, 5);
    if (existsSync("broken")) throw new Error("no such icon");
    mkdirSync(out + "/assets", { recursive: true });
    writeFileSync(out + "/index.html", "new");
  };
  finish();
`;

/** A checkout's UI with a bundle older than its sources. */
function uiApp() {
  const app = mkdtempSync(join(tmpdir(), "ui-app-"));
  onTestFinished(() => rmSync(app, { recursive: true, force: true }));
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
    /** What lies beside the bundle and should not. */
    leftovers: () => readdirSync(app).filter((name) => name.startsWith("dist.")),
  };
}

const options = { clock: systemClock, logger: memoryLogger(), signal: new AbortController().signal };

const run = promisify(execFile);

/** ensureUiBundle() in a process of its own; its standard error. */
async function inProcess(folder: string): Promise<string> {
  const script = `
    import { systemClock } from "@narthex/runtime";
    import { ensureUiBundle } from ${JSON.stringify(new URL("ui-bundle.ts", import.meta.url).pathname)};
    const logger = { info() {}, warn(message, fields) { console.error(message, fields); } };
    await ensureUiBundle(${JSON.stringify(folder)}, { clock: systemClock, logger, signal: new AbortController().signal });
  `;
  const { stderr } = await run(process.execPath, ["--input-type=module", "-e", script], { cwd: import.meta.dirname });
  return stderr.replaceAll(/^.*(ExperimentalWarning|--trace-warnings).*\n/gm, "");
}

test("ensureUiBundle() builds once when processes start together, and each of them finds the new bundle", async () => {
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

test("ensureUiBundle() leaves a bundle in place that another build put there meanwhile", async () => {
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

test("ensureUiBundle() takes over from a process that is gone, or whose lock is older than any build", async () => {
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

test("ensureUiBundle() waits while another process builds, builds when that one gave up, and ends with the signal", async () => {
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

test("ensureUiBundle() that fails keeps the old bundle, says why and rejects nobody", async () => {
  const ui = uiApp();
  ui.write("broken", "");
  const logger = memoryLogger();
  await ensureUiBundle(ui.folder, { ...options, logger });
  expect(ui.page()).toBe("old");
  expect(ui.leftovers()).toEqual([]);
  const [line] = logger.lines.filter(({ message }) => message.startsWith("The user interface could not be built"));
  expect(String(line?.fields["err"])).toContain("no such icon");
});
