import { execFileSync, spawnSync } from "node:child_process";

const IMAGE = "node:24-bookworm-slim";
export const image: string = IMAGE;

/** Path of the Docker engine's socket. */
export const socket: string = (process.env["DOCKER_HOST"] ?? "unix:///var/run/docker.sock").replace(/^unix:\/\//, "");

export const docker = (...args: readonly string[]): string =>
  execFileSync("docker", args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();

/** Containers of one test run, removed at its end. */
export class TestContainers implements Disposable {
  readonly prefix: string;
  readonly #names: string[] = [];

  constructor(prefix: string) {
    this.prefix = prefix;
  }

  /** Returns the full name of a container in the Docker engine. */
  named(name: string): string {
    return `${this.prefix}-${name}`;
  }

  /** Starts a container that runs a Node program. Returns its id. */
  run(name: string, options: readonly string[], program: string): string {
    this.#names.push(this.named(name));
    return docker("run", "-d", "--init", "--name", this.named(name), ...options, IMAGE, "node", "-e", program);
  }

  [Symbol.dispose](): void {
    if (this.#names.length > 0) spawnSync("docker", ["rm", "-f", ...this.#names], { stdio: "ignore" });
  }
}

/** Returns the result of a `docker inspect` template. */
export const inspected = (name: string, template: string): string => docker("inspect", "--format", template, name);

const UNITS: Readonly<Record<string, number>> = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };

/** Returns the memory usage that `docker stats` shows, in bytes. */
export function memoryInStats(name: string): number {
  const [, number = "", unit = ""] = /^([\d.]+)(\w+)/.exec(
    docker("stats", "--no-stream", "--format", "{{.MemUsage}}", name),
  )!;
  return Number(number) * UNITS[unit]!;
}
