import { resolve } from "node:path";
import { loadWebConfig, WebConfigError } from "@narthex/http";
import { promtoolCommand } from "./command.ts";
import { EXIT_FAILURE, EXIT_OK } from "./lint-settings.ts";

export const checkWebConfig = promtoolCommand({
  name: "web-config",
  help: "Check if the web config files are valid or not.",
  flags: {},
  operands: [{ name: "web-config-files", required: true, many: true, file: true }],
  run({ host, operands }) {
    let status = EXIT_OK;
    for (const file of operands) {
      try {
        loadWebConfig(resolve(host.cwd, file));
        host.stderr(`${file} SUCCESS\n`);
      } catch (error) {
        if (!(error instanceof WebConfigError)) throw error;
        host.stderr(`${file} FAILED: ${error.message}\n`);
        status = EXIT_FAILURE;
      }
    }
    return Promise.resolve(status);
  },
});
