import type { Dispatcher } from "undici";

/** undici agents that reach every host by one unix socket each. */
export class SocketAgents {
  readonly #make: (socketPath: string) => Dispatcher;
  readonly #agents = new Map<string, Dispatcher>();

  constructor(make: (socketPath: string) => Dispatcher) {
    this.#make = make;
  }

  of(socketPath: string): Dispatcher {
    let agent = this.#agents.get(socketPath);
    if (agent === undefined) this.#agents.set(socketPath, (agent = this.#make(socketPath)));
    return agent;
  }

  async destroy(): Promise<void> {
    await Promise.all([...this.#agents.values()].map((agent) => agent.destroy()));
  }
}
