import { join } from "node:path";
import { narthex, Running } from "../support/running.ts";
import { peers } from "../support/requirements.ts";
import { freePort } from "../support/ports.ts";

/** Path of the program node_exporter, which is compared with our exporter. */
export const theirProgram: string = join(peers, "prometheus-node-exporter");

export interface Exporter extends AsyncDisposable {
  readonly url: string;
  readonly program: Running;
  /** Scrapes the exporter. Resolves with the exposition in text format. */
  metrics(query?: string): Promise<string>;
}

async function started(launch: (args: readonly string[]) => Running, args: readonly string[]): Promise<Exporter> {
  const address = `127.0.0.1:${await freePort()}`;
  const program = launch([`--web.listen-address=${address}`, ...args]);
  const url = `http://${address}`;
  try {
    await program.ready(`${url}/`);
  } catch (error) {
    await program[Symbol.asyncDispose]();
    throw error;
  }
  return {
    url,
    program,
    metrics: async (query = "") => (await fetch(`${url}/metrics${query}`)).text(),
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  };
}

type Options = { cwd?: string; env?: NodeJS.ProcessEnv };

const spawnOptions = (cwd: string | undefined, env: NodeJS.ProcessEnv): Options =>
  cwd === undefined ? { env: { ...process.env, ...env } } : { cwd, env: { ...process.env, ...env } };

/** Starts our exporter in the working directory `cwd`, with additional environment variables. */
export const ours = (args: readonly string[], cwd?: string, env: NodeJS.ProcessEnv = {}): Promise<Exporter> =>
  started((all) => narthex(["node-exporter", ...all], spawnOptions(cwd, env)), args);

/** Starts node_exporter in the working directory `cwd`, with additional environment variables. */
export const theirs = (args: readonly string[], cwd?: string, env: NodeJS.ProcessEnv = {}): Promise<Exporter> =>
  started((all) => new Running(theirProgram, all, spawnOptions(cwd, env)), args);
