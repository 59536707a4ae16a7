import { PluginError } from "@narthex/plugins";
import type { Host } from "@narthex/runtime";
import { runProgram } from "../command-line/run-program.ts";
import { pluginCommands } from "./registry.ts";

/** Runs `narthex plugin create …` or another command for plugins. Resolves with the exit status. */
export async function runPlugin(host: Host): Promise<number> {
  try {
    return await runProgram(host, {
      program: "narthex plugin",
      root: pluginCommands,
      open: async (call) => ({ call, context: { host } }),
    });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (!(error instanceof PluginError) && code === undefined) throw error;
    host.stderr(`narthex plugin: error: ${message}\n`);
    return 1;
  }
}
