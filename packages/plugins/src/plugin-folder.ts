import { lstatSync, readdirSync, readFileSync, type Stats } from "node:fs";
import { join } from "node:path";
import { MAX_FILES } from "./archive/archive-limits.ts";
import { MANIFEST_FILE, type PluginManifest, readManifest } from "./manifest.ts";
import { PluginError } from "./plugin-error.ts";
import { stripTypes } from "./strip-types.ts";

/** A plugin that was read from its folder. */
export interface Plugin {
  readonly manifest: PluginManifest;
  /** Text of the module in JavaScript, without types. */
  readonly code: string;
}

export interface PluginFolder {
  /** Plugins by id, sorted. */
  readonly plugins: readonly Plugin[];
  /** A sentence for each folder that contains no plugin that can be used. */
  readonly problems: readonly string[];
}

const MAX_PLUGINS = 200;
const MAX_CODE_BYTES = 2 * 1024 * 1024;

/** Reads all plugins of a folder. An absent folder has none. */
export function readPluginFolder(folder: string): PluginFolder {
  const plugins: Plugin[] = [];
  const problems: string[] = [];
  let names: readonly string[];
  try {
    names = readdirSync(folder).toSorted();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return { plugins, problems };
    return { plugins, problems: [`the folder of plugins cannot be read: ${message}`] };
  }
  for (const name of names) {
    const path = join(folder, name);
    if (name.startsWith(".") || !isFolder(path)) continue;
    if (plugins.length === MAX_PLUGINS) {
      problems.push(`the folder has more than ${MAX_PLUGINS} plugins; the others are not loaded`);
      break;
    }
    try {
      const plugin = readPlugin(path);
      if (plugin.manifest.id !== name)
        throw new PluginError(`${path}: the folder of the plugin must have its id as name: ${plugin.manifest.id}`);
      plugins.push(plugin);
    } catch (error) {
      if (!(error instanceof PluginError)) throw error;
      problems.push(error.message);
    }
  }
  return { plugins, problems };
}

/** Returns a text that changes if a file of a plugin in a folder changes. Reads no contents. */
export const filesMark = (folder: string): string =>
  namesIn(folder)
    .slice(0, MAX_PLUGINS)
    .map((name) => pluginMark(join(folder, name)))
    .join("\n");

/** Returns a text that changes if a file of a plugin's folder changes. Reads no contents. */
export const pluginMark = (folder: string): string =>
  namesIn(folder)
    .slice(0, MAX_FILES)
    .map((file) => `${join(folder, file)} ${markOf(join(folder, file))}`)
    .join("\n");

function markOf(path: string): string {
  try {
    const { mtimeMs, size, ino } = lstatSync(path);
    return `${mtimeMs} ${size} ${ino}`;
  } catch (error) {
    // A file that is gone or must not be read has a mark, too, so that the plugin is read again when this changes.
    return String((error as NodeJS.ErrnoException).code);
  }
}

/** Reports whether a path is a folder. A path that must not be read counts as a folder, so that its problem is reported. */
function isFolder(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  } catch {
    // Ignores the error: reading the folder reports it.
    return true;
  }
}

/** Returns the names in a folder, sorted; none if it cannot be read. */
function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).toSorted();
  } catch {
    // Ignores the error: the path is a file, or is gone.
    return [];
  }
}

/** Reads the plugin of a folder. Throws PluginError. */
export function readPlugin(folder: string): Plugin {
  const place = join(folder, MANIFEST_FILE);
  const manifest = readManifest(readText(place, MAX_CODE_BYTES), place);
  const entry = join(folder, manifest.entry);
  const code = readText(entry, MAX_CODE_BYTES);
  return { manifest, code: manifest.entry.endsWith("ts") ? stripTypes(code, entry) : code };
}

const readText = (path: string, most: number): string => {
  const bytes = readFile(path, most);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new PluginError(`${path}: the file is not text in UTF-8`);
  }
};

function statusOf(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw new PluginError(`${path}: the file cannot be read: ${(error as Error).message}`);
  }
}

/** Reads a regular file. A link is refused, because it may lead out of the folder. */
function readFile(path: string, most: number): Uint8Array {
  const found = statusOf(path);
  if (found === undefined) throw new PluginError(`${path}: the file is missing`);
  if (!found.isFile()) throw new PluginError(`${path}: the path must be a file, and no link or folder`);
  if (found.size > most) throw new PluginError(`${path}: the file has more than ${most} bytes`);
  try {
    return readFileSync(path);
  } catch (error) {
    throw new PluginError(`${path}: the file cannot be read: ${(error as Error).message}`);
  }
}
