import { createServer, type Server } from "node:net";

/** Ports of `narthex up`, which are moved together. */
const UP_FIRST = 9090;
const UP_LAST = 9100;
const UP_DASHBOARDS = 3000;

/** Below the ports that systems give to connections and to listeners that ask for none: they take none of these. */
const LAST = 32_767;
/** The port of the dashboards of each offset lies below, so that it belongs to the process with the other ports of the offset. */
const FIRST = LAST + 1 - (UP_FIRST - UP_DASHBOARDS);

/** Ports of a block: its first is held, the others are handed out. */
const BLOCK = 128;
const BLOCKS = Math.floor((LAST + 1 - FIRST) / BLOCK);

/**
 * The ports that this process hands out. Programs under test are told their port before they listen, and are stopped and
 * started again on it: meanwhile nobody else may come by it. So each process of tests has a block of its own, which is claimed
 * by listening on its first port.
 */
class PortBlock {
  readonly #first: number;
  #next = 1;

  private constructor(first: number) {
    this.#first = first;
  }

  static async claim(): Promise<PortBlock> {
    const start = Math.floor(Math.random() * BLOCKS);
    for (let i = 0; i < BLOCKS; i++) {
      const first = FIRST + ((start + i) % BLOCKS) * BLOCK;
      const held = await listener(first);
      held?.unref();
      if (held !== undefined) return new PortBlock(first);
    }
    throw new Error(`other processes hold all ports from ${FIRST} to ${LAST}`);
  }

  /** The next of as many neighbours that nobody listens on. */
  async take(count: number): Promise<number> {
    for (let attempt = 0; attempt < BLOCK; attempt++) {
      if (this.#next + count > BLOCK) this.#next = 1;
      const first = this.#first + this.#next;
      this.#next += count;
      if (await areFree(first, count)) return first;
    }
    throw new Error(`somebody listens on the ports from ${this.#first} on`);
  }
}

let block: Promise<PortBlock> | undefined;

const ownBlock = (): Promise<PortBlock> => (block ??= PortBlock.claim());

/** A port that nobody listens on, and that nobody else is given. */
export const freePort = async (): Promise<number> => (await ownBlock()).take(1);

/** An offset that leaves all ports of `narthex up` free. */
export async function freePortOffset(): Promise<number> {
  for (;;) {
    const offset = (await (await ownBlock()).take(UP_LAST - UP_FIRST + 1)) - UP_FIRST;
    if (await areFree(UP_DASHBOARDS + offset, 1)) return offset;
  }
}

async function areFree(first: number, count: number): Promise<boolean> {
  const held = await Promise.all(Array.from({ length: count }, (_, i) => listener(first + i)));
  await Promise.all(held.map((server) => new Promise<void>((resolve) => server?.close(() => resolve()) ?? resolve())));
  return !held.includes(undefined);
}

/** Listens on a port of every address; undefined where somebody does already. */
function listener(port: number): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) =>
      error.code === "EADDRINUSE" ? resolve(undefined) : reject(error),
    );
    server.listen(port, () => resolve(server));
  });
}
