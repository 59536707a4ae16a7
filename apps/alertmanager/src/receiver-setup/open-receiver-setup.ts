import { resolve } from "node:path";
import type { Context } from "../context.ts";
import type { Engine } from "../dispatching/engine.ts";
import { ConfigFile } from "./config-file.ts";
import { ReceiverSetup } from "./receiver-setup.ts";
import { SecretFiles } from "./secret-files.ts";

/** Name of the folder of secrets below --storage.path. */
const SECRETS = "receiver-secrets";

/** Returns the object that changes receivers for pages. Undefined if pages may not change receivers. */
export function openReceiverSetup(
  isOn: boolean,
  { flags, host, logger }: Context,
  engine: Engine,
): ReceiverSetup | undefined {
  if (!isOn) return undefined;
  return new ReceiverSetup({
    file: new ConfigFile(resolve(host.cwd, flags["config.file"])),
    secrets: new SecretFiles(resolve(host.cwd, flags["storage.path"], SECRETS)),
    load: (text) => engine.check(text),
    reload: () => engine.reload(),
    logger: logger.child({ component: "receiver setup" }),
  });
}
