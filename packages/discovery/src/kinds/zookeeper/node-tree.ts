import { type Clock, errorText, type StateLog } from "@narthex/runtime";
import { CODE } from "./wire.ts";
import { type ZooKeeperClient, ZooKeeperError } from "./zookeeper-client.ts";

/** Pause after a failure, before the whole tree is read again. */
const RESYNC_MS = 10_000;
/** Number of nodes that are requested at the same time. */
const PARALLEL = 32;
/** Number of changes after which they are passed on, while a large tree is being read. */
const CHANGES_AT_ONCE = 500;
/** Maximum number of nodes of one tree. */
const MAX_NODES = 1_000_000;

/** A change of a node: its new data, or undefined if the node was deleted. */
export type NodeChange = readonly [path: string, data: Buffer | undefined];

export interface NodeTreeOptions {
  /** Path of the topmost node. */
  readonly root: string;
  readonly client: Pick<ZooKeeperClient, "watchData" | "watchChildren">;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly log: StateLog;
  readonly onChanges: (changes: readonly NodeChange[]) => void;
  readonly onFailure: () => void;
  /** Called with the difference when the number of watched nodes changes. */
  readonly onWatched: (difference: number) => void;
}

interface TreeNode {
  readonly data: Buffer;
  /** Names of the children. */
  readonly children: readonly string[];
}

/**
 * Keeps the data of all nodes below a path. A changed node is read again; after a failure the last known nodes stay,
 * and the whole tree is read again each ten seconds until it succeeds.
 */
export class NodeTree {
  readonly #options: NodeTreeOptions;
  readonly #prefix: string;
  #nodes = new Map<string, TreeNode>();
  #changes: NodeChange[] = [];
  /** Paths of nodes that have changed and were not read again. */
  readonly #changed = new Set<string>();
  #isLost = false;
  #wake = (): void => undefined;

  constructor(options: NodeTreeOptions) {
    this.#options = options;
    this.#prefix = childOf(options.root, "");
  }

  /** Reports that a node may have changed. Nodes of other trees are ignored. */
  changed(path: string): void {
    if (path !== this.#options.root && !path.startsWith(this.#prefix)) return;
    this.#changed.add(path);
    this.#wake();
  }

  /** Reports that the watches of all nodes are lost. */
  lost(): void {
    this.#isLost = true;
    this.#wake();
  }

  /** Reads the tree and follows its changes until the signal aborts. */
  async run(): Promise<void> {
    const { signal, log, onFailure, clock, onWatched } = this.#options;
    signal.addEventListener("abort", () => this.#wake(), { once: true });
    for (let isComplete = false; !signal.aborted;) {
      try {
        if (isComplete) await this.#follow();
        else await this.#readWhole();
        isComplete = true;
        log.succeeded();
      } catch (error) {
        if (signal.aborted) break;
        isComplete = false;
        onFailure();
        log.failed(errorText(error));
        await clock.sleep(RESYNC_MS, signal).catch(() => undefined);
      }
    }
    onWatched(-this.#nodes.size);
  }

  /** Reads all nodes, and removes those that do not exist any more. */
  async #readWhole(): Promise<void> {
    this.#isLost = false;
    this.#changed.clear();
    const { root, onWatched } = this.#options;
    const before = this.#nodes;
    const found = new Map<string, TreeNode>();
    try {
      await this.#read([root], found);
      if (!found.has(root)) throw new Error(`path ${root} does not exist`);
    } catch (error) {
      // Keeps the nodes from before the failure: nodes that were read again are up to date, the others as they were.
      if (found.size > 0) this.#nodes = new Map([...before, ...found]);
      onWatched(this.#nodes.size - before.size);
      throw error;
    } finally {
      this.#flush();
    }
    for (const path of before.keys()) if (!found.has(path)) this.#note(path, undefined);
    this.#nodes = found;
    onWatched(found.size - before.size);
    this.#flush();
  }

  /** Waits for a change, and reads the changed nodes. Rejects if the watches or the topmost node are lost. */
  async #follow(): Promise<void> {
    const { signal, root } = this.#options;
    if (this.#changed.size === 0 && !this.#isLost) await new Promise<void>((resolve) => (this.#wake = resolve));
    if (signal.aborted) return;
    if (this.#isLost) throw new Error("the session has expired");
    const paths = [...this.#changed];
    this.#changed.clear();
    const size = this.#nodes.size;
    try {
      await this.#read(paths, this.#nodes);
    } finally {
      this.#options.onWatched(this.#nodes.size - size);
      this.#flush();
    }
    if (!this.#nodes.has(root)) throw new Error(`path ${root} does not exist`);
  }

  /** Reads these nodes, and the nodes below that `into` does not contain. */
  async #read(paths: readonly string[], into: Map<string, TreeNode>): Promise<void> {
    const left = [...paths];
    while (left.length > 0) {
      const batch = left.splice(-PARALLEL);
      const nodes = await Promise.all(batch.map((path) => this.#request(path)));
      for (const [i, node] of nodes.entries()) {
        const path = batch[i]!;
        const before = into.get(path)?.children ?? [];
        if (node === undefined) this.#forget([path], into);
        else {
          if (into.size >= MAX_NODES)
            throw new Error(`${this.#options.root} has more than ${MAX_NODES} nodes below it`);
          if (this.#nodes.get(path)?.data.equals(node.data) !== true) this.#note(path, node.data);
          into.set(path, node);
          const now = new Set(node.children);
          this.#forget(
            before.filter((name) => !now.has(name)).map((name) => childOf(path, name)),
            into,
          );
          for (const child of node.children.map((name) => childOf(path, name))) if (!into.has(child)) left.push(child);
        }
      }
    }
  }

  /** Returns a node, or undefined if it does not exist. */
  async #request(path: string): Promise<TreeNode | undefined> {
    const { client } = this.#options;
    try {
      const [data, children] = await Promise.all([client.watchData(path), client.watchChildren(path)]);
      return { data, children };
    } catch (error) {
      if (error instanceof ZooKeeperError && error.code === CODE.noNode) return undefined;
      throw error;
    }
  }

  /** Removes nodes and all nodes below them. */
  #forget(paths: readonly string[], from: Map<string, TreeNode>): void {
    const left = [...paths];
    for (let path = left.pop(); path !== undefined; path = left.pop()) {
      const node = from.get(path);
      if (node === undefined) continue;
      from.delete(path);
      this.#note(path, undefined);
      for (const name of node.children) left.push(childOf(path, name));
    }
  }

  #note(path: string, data: Buffer | undefined): void {
    this.#changes.push([path, data]);
    if (this.#changes.length >= CHANGES_AT_ONCE) this.#flush();
  }

  #flush(): void {
    const changes = this.#changes;
    if (changes.length === 0) return;
    this.#changes = [];
    this.#options.onChanges(changes);
  }
}

/** Returns the path of a child. */
const childOf = (path: string, name: string): string => (path === "/" ? `/${name}` : `${path}/${name}`);
