import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { pack } from "tar-stream";
import { isFileName, type PluginManifest } from "../manifest.ts";
import { readPlugin } from "../plugin-folder.ts";
import { PluginError } from "../plugin-error.ts";
import { MAX_FILES, MAX_UNPACKED_BYTES } from "./archive-limits.ts";

/** An archive of a plugin. */
export interface PackedPlugin {
  readonly manifest: PluginManifest;
  readonly bytes: Uint8Array;
  /** SHA-256 of the bytes, in hexadecimal digits. */
  readonly sha256: string;
}

/**
 * Packs the files of a plugin's folder into a compressed tar archive. The same files give the same bytes. Rejects with
 * PluginError if the plugin is not valid, or if its folder contains a link or a folder.
 */
export async function packPlugin(folder: string): Promise<PackedPlugin> {
  const { manifest } = readPlugin(folder);
  const names = readdirSync(folder)
    .filter((name) => !name.startsWith("."))
    .toSorted();
  if (names.length > MAX_FILES) throw new PluginError(`${folder}: a plugin has at most ${MAX_FILES} files`);
  const archive = pack();
  const written = buffer(archive);
  let bytes = 0;
  for (const name of names) {
    const path = join(folder, name);
    if (!isFileName(name) || !lstatSync(path).isFile())
      throw new PluginError(`${path}: the folder of a plugin contains only files, with names of A-Z, 0-9, _, . and -`);
    const content = readFileSync(path);
    bytes += content.length;
    if (bytes > MAX_UNPACKED_BYTES)
      throw new PluginError(`${folder}: the files of a plugin have at most ${MAX_UNPACKED_BYTES} bytes together`);
    const owner = { uid: 0, gid: 0, uname: "root", gname: "root", mtime: new Date(0), mode: 0o644 };
    archive.entry({ ...owner, name: `${manifest.id}/${name}`, type: "file" }, content);
  }
  archive.finalize();
  const packed = gzipSync(await written, { level: 9 });
  return { manifest, bytes: packed, sha256: sha256Of(packed) };
}

export const sha256Of = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
