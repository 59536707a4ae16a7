import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { installPlugin, MAX_PACKED_BYTES, packPlugin, unpackPlugin } from "@narthex/plugins";
import { flagKinds } from "@narthex/runtime";
import { CommandError, defineCommand } from "../command-line/command.ts";
import { folderFlags, type PluginContext, pluginsFolder } from "./plugin-context.ts";

const flags = {
  ...folderFlags,
  sha256: flagKinds.text("", "SHA-256 of the archive, from the author of the plugin. Needed for an archive."),
  force: flagKinds.flag(false, "Replace a newer version by an older one."),
};

export const install = defineCommand<PluginContext, typeof flags>({
  name: "install",
  help: "Install a plugin from an archive or a folder. The archive is unpacked only if its checksum is right.",
  operands: "<archive or folder>",
  flags,
  async run({ values, operands: [source] }, { host }) {
    if (source === undefined) throw new CommandError("name the archive or the folder of the plugin");
    const path = resolve(host.cwd, source);
    const found = statSync(path, { throwIfNoEntry: false });
    if (found === undefined) throw new CommandError(`${source} does not exist`);
    const unpacked = await (found.isDirectory() ? fromFolder(path) : fromArchive(path, found.size, values.sha256));
    const folder = pluginsFolder(host, values["plugins-dir"]);
    const { manifest, replaced } = installPlugin(unpacked, folder, values.force);
    const { id, version, kind, hosts } = manifest;
    host.stdout(
      `${id} ${version} was installed in ${folder}${replaced === undefined ? "" : `, in place of ${replaced}`}\n`,
    );
    if (kind === "source") host.stdout(`may reach: ${hosts.join(", ")}\n`);
    host.stdout("The dashboards role loads it at the next start, or now with plugins.reload = true.\n");
    return 0;
  },
});

async function fromFolder(path: string): ReturnType<typeof unpackPlugin> {
  const { bytes, sha256 } = await packPlugin(path);
  return unpackPlugin(bytes, sha256);
}

function fromArchive(path: string, size: number, sha256: string): ReturnType<typeof unpackPlugin> {
  if (sha256 === "")
    throw new CommandError("an archive needs --sha256, the checksum that the author of the plugin publishes");
  if (size > MAX_PACKED_BYTES) throw new CommandError(`${path} has more than ${MAX_PACKED_BYTES} bytes`);
  return unpackPlugin(readFileSync(path), sha256);
}
