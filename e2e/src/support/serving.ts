import { join } from "node:path";
import { peers } from "./requirements.ts";
import { launcher, Running } from "./running.ts";
import { freePort } from "./ports.ts";
import type { Workplace } from "./workplace.ts";

export type Kind = "prometheus" | "narthex";

/** A running server with the URL `base`; it is stopped with the test. */
export interface Served extends AsyncDisposable {
  readonly base: string;
  readonly running: Running;
}

/** Starts our server or Prometheus on a data folder, and waits until it is ready. */
export async function serve(
  kind: Kind,
  workplace: Workplace,
  data: string,
  settings: {
    readonly config: string;
    readonly flags: readonly string[];
    /** Port of the server, if its configuration contains the port; by default a free port. */
    readonly port?: number;
  },
): Promise<Served> {
  const { port = await freePort() } = settings;
  const base = `http://127.0.0.1:${port}`;
  const flags = [
    `--config.file=${workplace.write(`${data}-${kind}.yml`, settings.config)}`,
    `--storage.tsdb.path=${workplace.path(data)}`,
    `--web.listen-address=127.0.0.1:${port}`,
    ...settings.flags,
  ];
  const running =
    kind === "narthex" ? new Running(launcher, ["server", ...flags]) : new Running(join(peers, kind), flags);
  await running.ready(`${base}/-/ready`);
  return { base, running, [Symbol.asyncDispose]: () => running[Symbol.asyncDispose]() };
}
