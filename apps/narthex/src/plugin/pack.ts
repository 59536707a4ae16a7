import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { packPlugin } from "@narthex/plugins";
import { defineCommand } from "../command-line/command.ts";
import type { PluginContext } from "./plugin-context.ts";

export const pack = defineCommand<PluginContext>({
  name: "pack",
  help: "Pack a plugin's folder into an archive here, and print the archive's SHA-256. The same files give the same archive.",
  operands: "[<folder>]",
  async run({ operands: [folder = "."] }, { host }) {
    const { manifest, bytes, sha256 } = await packPlugin(resolve(host.cwd, folder));
    const name = `${manifest.id}-${manifest.version}.tgz`;
    writeFileSync(resolve(host.cwd, name), bytes);
    host.stdout(`${sha256}  ${name}\n`);
    return 0;
  },
});
