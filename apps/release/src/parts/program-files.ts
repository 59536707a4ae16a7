import { mkdtempDisposableSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { rolldown } from "rolldown";
import { below, type Entry, file, type FileTree, folder, joined, readTree } from "../files/file-tree.ts";
import { runProgram } from "./run-program.ts";

/** Files that are the same for every target and are built once. */
export interface ProgramFiles {
  /**
   * The content of `lib/narthex` in an archive: the bundle of all servers, the web pages, the documentation, and the V8
   * flags and environment variables of the servers.
   */
  readonly program: FileTree;
  /** The program that fills the bundle's code cache. It runs when a package is installed. */
  readonly codeCacheFill: FileTree;
}

/**
 * Builds the bundle, the pages and the documentation of a checkout. Rejects with ReleaseError, which contains the
 * compiler's errors.
 */
export async function programFiles(root: string, signal: AbortSignal): Promise<ProgramFiles> {
  using temporary = mkdtempDisposableSync(join(tmpdir(), "narthex-release-"));
  const work = temporary.path;
  const bundle = join(work, "bundle");
  const ui = join(work, "ui");
  const docs = join(work, "docs");
  await runProgram(process.execPath, [join(root, "apps/narthex/bundle.ts"), bundle], { cwd: root, signal });
  const vite = ["node_modules/vite/bin/vite.js", "build", "--outDir", ui, "--emptyOutDir", "--logLevel", "error"];
  await runProgram(process.execPath, vite, { cwd: join(root, "apps/ui"), signal });
  await runProgram(process.execPath, ["build.ts", docs], { cwd: join(root, "apps/docs"), signal });
  const pages = joined(below("ui", readTree(ui)), below("docs", readTree(docs)));
  const program = joined(withoutCode(readTree(bundle)), pages, launcherParts(root));
  return { program, codeCacheFill: await codeCacheFill(root, join(work, "fill")) };
}

/**
 * Removes the V8 code cache. The cache is valid only for one Node version on one machine, so each installation creates its
 * own.
 */
function withoutCode(bundle: FileTree): FileTree {
  const chunks = [...bundle].filter(([path]) => !path.startsWith("code-cache/"));
  return new Map<string, Entry>([...chunks, ["code-cache", folder]]);
}

/** Returns the files that launcher scripts read. */
const launcherParts = (root: string): FileTree =>
  new Map(
    ["src/role-settings.json", "role-settings.sh", "command-names.sh"].map((path) => [
      basename(path),
      file(readFileSync(join(root, "apps/narthex", path))),
    ]),
  );

async function codeCacheFill(root: string, out: string): Promise<FileTree> {
  const build = await rolldown({
    input: { "fill-code-caches": join(root, "apps/narthex/fill-code-caches.ts") },
    cwd: root,
    platform: "node",
    external: ["koffi"],
    onLog: () => {},
  });
  await build.write({ dir: out, format: "esm", entryFileNames: "[name].mjs", chunkFileNames: "[name]-[hash].mjs" });
  await build.close();
  return readTree(out);
}
