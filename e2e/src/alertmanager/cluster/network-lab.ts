import { execFileSync } from "node:child_process";
import { launcher, Running } from "../../support/running.ts";
import { netlab } from "../../support/requirements.ts";

/** Simulated hosts h1, h2, … on a private network of this machine. The test can cut the links between them. */
export class NetworkLab implements Disposable {
  readonly #env: NodeJS.ProcessEnv;

  /** @param hosts number of hosts */
  constructor(hosts: number) {
    const letters = Array.from({ length: 4 }, () => String.fromCodePoint(97 + Math.floor(Math.random() * 26)));
    this.#env = { ...process.env, NETLAB: `c${letters.join("")}` };
    this.#tool("up", String(hosts));
  }

  /** Runs a program on a simulated host. Forwards signals from the returned process to the program. */
  run(host: string, command: string, args: readonly string[]): Running {
    return new Running(netlab, ["exec", host, command, ...args], { env: this.#env, input: true });
  }

  /** Runs a Narthex command on a simulated host. */
  narthex(host: string, args: readonly string[]): Running {
    return this.run(host, launcher, args);
  }

  /** Drops all packets between two simulated hosts, also on open connections. */
  cut(a: string, b: string): void {
    this.#tool("cut", a, b);
  }

  /** Restores all links. */
  heal(): void {
    this.#tool("heal");
  }

  [Symbol.dispose](): void {
    this.#tool("down");
  }

  #tool(...args: readonly string[]): void {
    execFileSync(netlab, args, { env: this.#env, stdio: ["ignore", "ignore", "pipe"], timeout: 60_000 });
  }
}
