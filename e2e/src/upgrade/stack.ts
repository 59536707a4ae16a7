import { Running } from "../support/running.ts";
import type { Workplace } from "../support/workplace.ts";
import type { Edition } from "./edition.ts";
import { type Endpoints, ROLE_NAMES, type RoleName, roleStart } from "./roles.ts";

/** Downtime of a server while it was replaced by another version. */
export interface Gap {
  readonly role: RoleName;
  /** Seconds from the stop signal to the end of the process. */
  readonly stopping: number;
  /** Seconds from the stop signal until the new version was ready. */
  readonly total: number;
}

/** Number of characters of a failed server's output that are shown. */
const MAX_OUTPUT_CHARS = 4000;

/** Running servers, each in one of the versions, with the same folders. */
export class Stack implements AsyncDisposable {
  readonly roles: readonly RoleName[];
  readonly #workplace: Workplace;
  readonly #endpoints: Endpoints;
  readonly #running = new Map<RoleName, Running>();
  readonly #restarts = new Map<RoleName, number>();

  /** @param editions versions that run one after the other; only servers that all of them have are used */
  constructor(workplace: Workplace, endpoints: Endpoints, editions: readonly Edition[]) {
    this.#workplace = workplace;
    this.#endpoints = endpoints;
    this.roles = ROLE_NAMES.filter((role) => editions.every((edition) => edition.command(role) !== undefined));
  }

  restarts(role: RoleName): number {
    return this.#restarts.get(role) ?? 0;
  }

  async start(role: RoleName, edition: Edition): Promise<void> {
    const { args, env, ready } = roleStart(role, this.#workplace, this.#endpoints);
    const [program, ...first] = edition.command(role)!;
    const running = new Running(program, [...first, ...args], {
      cwd: this.#workplace.folder,
      env: { ...process.env, ...env },
    });
    this.#running.set(role, running);
    await running.ready(ready);
  }

  /** Stops a server and starts it in another version. Rejects if it does not exit with 0, or does not become ready. */
  async replace(role: RoleName, edition: Edition): Promise<Gap> {
    const begun = performance.now();
    const seconds = (): number => (performance.now() - begun) / 1000;
    const old = this.#running.get(role)!;
    old.kill("SIGTERM");
    const { code, signal } = await old.ended;
    // An end by the signal itself is accepted, because the original node exporter ends in this way.
    if (code !== 0 && signal !== "SIGTERM")
      throw new Error(`${role} ended with ${code ?? signal}:\n${old.output.slice(-MAX_OUTPUT_CHARS)}`);
    const stopping = seconds();
    await this.start(role, edition);
    this.#restarts.set(role, this.restarts(role) + 1);
    return { role, stopping, total: seconds() };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const running of this.#running.values()) await running[Symbol.asyncDispose]();
  }
}
