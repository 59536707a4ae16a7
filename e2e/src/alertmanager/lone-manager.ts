import { join } from "node:path";
import { peers } from "../support/requirements.ts";
import { narthex, Running } from "../support/running.ts";
import { freePort } from "../support/ports.ts";
import type { Workplace } from "../support/workplace.ts";

export interface LoneManager {
  readonly running: Running;
  /** URL of the server without its `--web.route-prefix`. */
  readonly base: string;
  readonly port: number;
}

/**
 * Starts our Alertmanager or the original Alertmanager with a configuration file and the storage folder `name`.
 * Resolves when it is ready.
 */
export async function startManager(
  program: "narthex" | "peer",
  {
    workplace,
    name,
    configFile,
  }: { readonly workplace: Workplace; readonly name: string; readonly configFile: string },
  { flags = [], prefix = "" }: { readonly flags?: readonly string[]; readonly prefix?: string } = {},
): Promise<LoneManager> {
  const port = await freePort();
  const args = [
    `--config.file=${configFile}`,
    `--storage.path=${workplace.path(name)}`,
    `--web.listen-address=127.0.0.1:${port}`,
    "--cluster.listen-address=",
    ...flags,
  ];
  const running =
    program === "peer" ? new Running(join(peers, "prometheus-alertmanager"), args) : narthex(["alertmanager", ...args]);
  const base = `http://127.0.0.1:${port}`;
  await running.ready(`${base}${prefix}/-/ready`);
  return { running, base, port };
}
