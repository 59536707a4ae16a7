import { buffer } from "node:stream/consumers";
import { Readable } from "node:stream";
import { gunzipSync } from "node:zlib";
import { extract } from "tar-stream";
import { idProblem, isFileName } from "../manifest.ts";
import { PluginError } from "../plugin-error.ts";
import { MAX_FILES, MAX_PACKED_BYTES, MAX_UNPACKED_BYTES } from "./archive-limits.ts";
import { sha256Of } from "./pack-plugin.ts";

/** The files of an archive, which are checked but not yet written. */
export interface UnpackedPlugin {
  readonly id: string;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/**
 * Reads the archive of a plugin. The checksum is checked before anything is unpacked. Rejects with PluginError if the
 * checksum differs, or if the archive contains anything but files of one folder.
 * @param sha256 the checksum that the user has confirmed, in hexadecimal digits
 */
export async function unpackPlugin(bytes: Uint8Array, sha256: string): Promise<UnpackedPlugin> {
  if (bytes.length > MAX_PACKED_BYTES) throw new PluginError(`the archive has more than ${MAX_PACKED_BYTES} bytes`);
  if (!/^[0-9a-f]{64}$/i.test(sha256)) throw new PluginError("the checksum must have 64 hexadecimal digits");
  const found = sha256Of(bytes);
  if (found !== sha256.toLowerCase())
    throw new PluginError(
      `the archive has the SHA-256 ${found}, and not the confirmed one; get the archive and its checksum again`,
    );
  const files = new Map<string, Uint8Array>();
  let id: string | undefined;
  for await (const { name, content } of entriesOf(unzipped(bytes))) {
    const [folder = "", file = ""] = splitPath(name);
    id ??= folder;
    if (folder !== id) throw new PluginError(`the archive contains two folders, ${id} and ${folder}`);
    if (files.has(file)) throw new PluginError(`the archive contains ${name} twice`);
    if (files.size === MAX_FILES) throw new PluginError(`the archive contains more than ${MAX_FILES} files`);
    files.set(file, content);
  }
  if (id === undefined) throw new PluginError("the archive contains no files");
  return { id, files };
}

function unzipped(bytes: Uint8Array): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_UNPACKED_BYTES + MAX_FILES * 1536 });
  } catch (error) {
    const isLarge = (error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE";
    throw new PluginError(
      isLarge
        ? `the files of the archive have more than ${MAX_UNPACKED_BYTES} bytes`
        : "the archive is not compressed with gzip; narthex plugin pack writes such archives",
    );
  }
}

interface ArchiveEntry {
  readonly name: string;
  readonly content: Uint8Array;
}

async function* entriesOf(bytes: Uint8Array): AsyncGenerator<ArchiveEntry> {
  const reader = extract();
  Readable.from([bytes]).pipe(reader);
  try {
    for await (const entry of reader) {
      const { name, type, linkname } = entry.header;
      if (type === "directory") {
        entry.resume();
        continue;
      }
      if (type !== "file" || (linkname ?? "") !== "")
        throw new PluginError(`the archive contains ${name}, which is a ${type}; only files are allowed`);
      yield { name, content: await buffer(entry) };
    }
  } catch (error) {
    if (error instanceof PluginError) throw error;
    throw new PluginError(`the archive cannot be read as tar: ${(error as Error).message}`);
  }
}

/** Returns the folder and the name of a file. Throws PluginError for a path that has another form. */
function splitPath(path: string): readonly string[] {
  const parts = path.split("/");
  const [folder = "", file = ""] = parts;
  if (parts.length !== 2 || idProblem(folder) !== undefined || !isFileName(file))
    throw new PluginError(
      `the archive contains ${JSON.stringify(path.slice(0, 200))}; all paths must have the form ID/FILE`,
    );
  return parts;
}
