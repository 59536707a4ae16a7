import { chmodSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { compareVersions, type PluginManifest } from "../manifest.ts";
import { readPlugin } from "../plugin-folder.ts";
import { PluginError } from "../plugin-error.ts";
import type { UnpackedPlugin } from "./unpack-plugin.ts";

/**
 * Writes an unpacked plugin into the folder of plugins, next to its place, and then moves it there. Throws PluginError
 * if the plugin is not valid, or if a newer version is installed.
 * @param isForced whether an older version may replace a newer one
 */
export function installPlugin(
  { id, files }: UnpackedPlugin,
  folder: string,
  isForced: boolean,
): { readonly manifest: PluginManifest; readonly replaced: string | undefined } {
  mkdirSync(folder, { recursive: true });
  const fresh = mkdtempSync(join(folder, ".new-"));
  const target = join(folder, id);
  try {
    const staged = join(fresh, id);
    mkdirSync(staged);
    for (const [name, content] of files) writeFileSync(join(staged, name), content, { flag: "wx" });
    // The modes are set afterwards, because the umask of an administrator may take the role's right to read.
    for (const name of files.keys()) chmodSync(join(staged, name), 0o644);
    chmodSync(staged, 0o755);
    const { manifest } = readPlugin(staged);
    if (manifest.id !== id)
      throw new PluginError(`the folder ${id} contains the plugin ${manifest.id}; both names must be the same`);
    const installed = existsSync(target) ? versionIn(target) : undefined;
    if (installed !== undefined && !isForced && compareVersions(installed, manifest.version) > 0)
      throw new PluginError(
        `${id} ${installed} is installed, which is newer than ${manifest.version}; --force installs the older version`,
      );
    replaceFolder(target, staged, join(fresh, "old"));
    return { manifest, replaced: installed };
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/** Moves a folder to a place. If that fails, the folder that was there before is moved back. */
function replaceFolder(target: string, staged: string, old: string): void {
  const hasOld = existsSync(target);
  if (hasOld) renameSync(target, old);
  try {
    renameSync(staged, target);
  } catch (error) {
    if (hasOld) renameSync(old, target);
    throw error;
  }
}

/** Returns the version of an installed plugin; undefined if the plugin cannot be read, so any version may replace it. */
function versionIn(folder: string): string | undefined {
  try {
    return readPlugin(folder).manifest.version;
  } catch (error) {
    if (error instanceof PluginError) return undefined;
    throw error;
  }
}
