import { createServer, type Server } from "node:net";

/** First and last port of `narthex up`; all its ports are shifted by a common offset. */
const UP_FIRST = 9090;
const UP_LAST = 9100;
const UP_DASHBOARDS = 3000;

/** Last port of the usable range, below the ports that operating systems assign automatically. */
const LAST = 32_767;
/**
 * First port of the usable range. The range is so short that, for every offset, the dashboards' port is below it. No
 * other process can therefore take this port as part of its own block.
 */
const FIRST = LAST + 1 - (UP_FIRST - UP_DASHBOARDS);

/** Number of ports in a block. A process reserves the first port and assigns the other ports. */
const BLOCK = 128;
const BLOCKS = Math.floor((LAST + 1 - FIRST) / BLOCK);

/**
 * The block of ports that belongs to this test process. The process listens on the first port of the block, so that
 * other processes do not use the block. A restarted program can therefore use its ports again.
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

  /** Returns the next `count` adjacent free ports. */
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

/**
 * Returns a free port of this process. A port is returned again only after all other ports of the block have been
 * returned.
 */
export const freePort = async (): Promise<number> => (await ownBlock()).take(1);

/** Returns an offset with which all ports of `narthex up` are free. */
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

/** Listens on a port on all addresses. Resolves with undefined if the port is in use. */
function listener(port: number): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) =>
      error.code === "EADDRINUSE" ? resolve(undefined) : reject(error),
    );
    server.listen(port, () => resolve(server));
  });
}
