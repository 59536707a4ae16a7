import {
  chmodSync,
  copyFileSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { basename, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { type OutputOptions, rolldown } from "rolldown";
import { commandLines, isInUse } from "./src/bundle/bundle-in-use.ts";
import { commands } from "./src/commands.ts";

/**
 * Bundles the CLI with the servers that it starts, and each worker as a separate entry, into one folder that needs no
 * node_modules. The bundle is faster to load and needs less memory than two thousand modules. koffi contains a native
 * library and is not bundled. `node bundle.ts FOLDER` writes the bundle for an image to FOLDER, with a copy of koffi.
 * Without a folder, the command builds the bundle that bin/narthex runs from this checkout; the link `dist/current`
 * points to it.
 */
const root = fileURLToPath(new URL("../..", import.meta.url));
const dist = fileURLToPath(new URL("dist", import.meta.url));

const input = {
  main: `${root}/apps/narthex/src/main.ts`,
  "bcrypt-worker": `${root}/packages/http/src/web-config/bcrypt-worker.ts`,
  "log-thread": `${root}/packages/tsdb/src/head/replay/log-thread.ts`,
  "compaction-worker": `${root}/packages/tsdb/src/compact/worker.ts`,
  "storage-thread": `${root}/packages/tsdb/src/storage-thread/worker.ts`,
  "remote-write-worker": `${root}/packages/remote/src/sender/thread/worker.ts`,
  "query-worker": `${root}/packages/querying/src/worker/worker.ts`,
  "sqlite-process": `${root}/packages/datasources/src/sqlite/sqlite-process.ts`,
  "plugin-worker": `${root}/packages/plugins/src/sandbox/plugin-worker.ts`,
};

/**
 * Entry point for the loader of a bundle's chunks (src/bundle/). The loader saves the code that V8 has compiled, so
 * that the next process need not compile it.
 */
const loader = { "chunk-loader": `${root}/apps/narthex/src/bundle/run-entry.ts` };

async function bundleInto(out: string): Promise<void> {
  // Makes each chunk the body of a function, which the loader calls.
  const wrapping = {
    banner: '(function (exports, require, module, __filename, __dirname) { "use strict";',
    footer: "\n})",
    entryFileNames: "[name]-entry.js",
  };
  await writeChunks(out, input, wrapping);
  await writeChunks(out, loader, { entryFileNames: "[name].js" });
  copyFileSync(join(root, "packages/plugins/node_modules/quickjs-wasi/quickjs.wasm"), join(out, "quickjs.wasm"));
  for (const name of readdirSync(out)) if (name.endsWith(".js")) escapeWideCharacters(join(out, name));
  const names = JSON.stringify(commands.map(({ name }) => name));
  for (const entry of Object.keys(input)) {
    const rest = entry === "main" ? `, ${names}` : "";
    writeFileSync(
      join(out, `${entry}.js`),
      `require("./chunk-loader.js").runEntry(__dirname, ${JSON.stringify(entry)}${rest});\n`,
    );
  }
  // The folder for compiled code has the same owner as the chunks, so that only users who may change chunks may change
  // their compiled code.
  mkdirSync(join(out, "code-cache"), { mode: 0o755 });
  const { version } = JSON.parse(readFileSync(join(root, "packages/runtime/package.json"), "utf8")) as {
    version: string;
  };
  writeFileSync(join(out, "package.json"), JSON.stringify({ type: "commonjs", version }));
}

async function writeChunks(out: string, input: Readonly<Record<string, string>>, output: OutputOptions): Promise<void> {
  const build = await rolldown({
    input,
    cwd: root,
    platform: "node",
    external: ["koffi"],
    onLog: (level, log, handle) =>
      log.code === "EVAL" || log.code === "CIRCULAR_DEPENDENCY" ? undefined : handle(level, log),
  });
  await build.write({
    dir: out,
    format: "cjs",
    dynamicImportInCjs: false,
    chunkFileNames: "[name]-[hash].js",
    minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
    ...output,
  });
  await build.close();
}

/**
 * Escapes characters beyond ASCII in a source file, because V8 would otherwise keep the source in memory with two bytes
 * for each character. An ASCII source also needs no decoding.
 */
function escapeWideCharacters(path: string): void {
  const text = readFileSync(path, "utf8");
  const escaped = text.replace(/[^\x00-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
  // `String.raw` does not interpret escapes, so its non-ASCII characters cannot be escaped.
  if (/String\.raw`[^`]*[^\x00-\x7f]/.test(text)) throw new Error(`${path}: String.raw with a character beyond ASCII`);
  if (escaped !== text) writeFileSync(path, escaped);
}

/**
 * Age in ms after which an unused bundle is removed. A younger bundle stays, because a process may be about to start
 * from it.
 */
const UNUSED_FOR_MS = 3_600_000;

/** Builds a new bundle next to the bundle of this checkout, then points the link `current` to it. */
async function replaceCheckoutBundle(): Promise<void> {
  mkdirSync(dist, { recursive: true });
  const fresh = mkdtempSync(join(dist, "bundle-"));
  // Makes the folder readable for other users, who may run servers from this bundle.
  chmodSync(fresh, 0o755);
  const { mtime: began } = statSync(fresh);
  const current = join(dist, "current");
  const link = `${fresh}.link`;
  try {
    await bundleInto(fresh);
    const modules = join(fresh, "node_modules");
    mkdirSync(modules);
    symlinkSync(relative(modules, join(root, "packages/runtime/node_modules/koffi")), join(modules, "koffi"));
    // Sets the bundle's time to the start of the build, so that a source that changes during the build is newer than
    // the bundle and causes a new build.
    utimesSync(join(fresh, "main.js"), began, began);
    symlinkSync(basename(fresh), link);
    renameSync(link, current);
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    rmSync(link, { force: true });
    throw error;
  }
  removeUnused(began.getTime());
}

/**
 * Removes unused bundles. Skips entries that cannot be read or removed, because other processes may clean up at the
 * same time.
 */
function removeUnused(now: number): void {
  const lines = commandLines();
  for (const name of readdirSync(dist)) {
    if (!name.startsWith("bundle-") || name === basename(realpathSync(join(dist, "current")))) continue;
    const path = join(dist, name);
    try {
      if (now - lstatSync(path).mtimeMs < UNUSED_FOR_MS || isInUse(path, lines)) continue;
      rmSync(path, { recursive: true, force: true });
    } catch {
      // Ignores the error: another process has already removed the bundle.
    }
  }
}

const given = process.argv[2];
if (given !== undefined) {
  const out = resolve(given);
  rmSync(out, { recursive: true, force: true });
  await bundleInto(out);
} else {
  try {
    await replaceCheckoutBundle();
  } catch (error) {
    // Without write access, or after a failed build, the programs run from their sources. The error of a failed build
    // is printed.
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "EACCES" && code !== "EROFS" && code !== "EPERM")
      process.stderr.write(`narthex: the bundle could not be built: ${String(error)}\n`);
    process.exitCode = 1;
  }
}
