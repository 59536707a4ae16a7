import { type Clock, type Logger, logOnChange, type StateLog } from "@narthex/runtime";
import { TIMED_OUT, withinLimit } from "../collection/time-limit.ts";
import { EngineClient } from "./engine-client.ts";
import { engineFacts, isObject, listed, type ListedContainer, type Started, startedOf } from "./engine-answers.ts";

/** What an engine says about a container. */
export interface EngineContainer extends ListedContainer {
  /** Unix seconds; undefined until the engine has told it. */
  readonly startedAt: number | undefined;
  /** Was the engine asked when the container was started? Until then the start is yet to come, not unknown. */
  readonly isStartAsked: boolean;
  readonly restarts: number;
  /** Environment variables as pairs. */
  readonly variables: readonly (readonly [name: string, value: string])[];
  /** Bytes of what the container wrote into its own layer; undefined until they were counted. */
  readonly writtenBytes: number | undefined;
  /** Folder of the engine's data on the host. */
  readonly dataFolder: string | undefined;
}

/** What an engine's client is given. */
interface EngineContext {
  /** --path.rootfs */
  readonly rootfs: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A scrape waits this long for the names of containers that are new to it. */
const WAIT_MS = 300;
/** What an engine says is asked for again after this long, for names and health that change. */
const FRESH_MS = 15_000;
const ANSWER_MS = 10_000;
/** Counting bytes makes an engine walk the containers' files. */
const SIZE_ANSWER_MS = 180_000;
/** What is known of a start that the engine did not tell; no group has this inode, so that it is asked again. */
const UNTOLD: Started & { readonly inode: number } = {
  image: undefined,
  startedAt: undefined,
  restarts: 0,
  variables: [],
  inode: -1,
};
/** Containers asked about at once. */
const INSPECTIONS = 4;

/** Names that the container engines of this host give, as they were last heard: a scrape does not wait for an engine that is slow. */
export class EngineNames {
  readonly #engines: readonly Engine[];
  readonly #clock: Clock;
  readonly #logger: Logger;
  /** Containers that an engine was asked about since they were made, by id. */
  readonly #asked = new Map<string, number>();
  #refreshing: Promise<void> | undefined;
  #refreshedAt = Number.NEGATIVE_INFINITY;
  #isSlow = false;
  #hasToldAbsence = false;

  /** @param sizeEveryMs how often the containers' own bytes are counted; 0 for never */
  constructor(sockets: readonly string[], sizeEveryMs: number, context: EngineContext) {
    this.#clock = context.clock;
    this.#logger = context.logger;
    this.#engines = sockets.map((socket) => new Engine(socket, sizeEveryMs, context));
  }

  get(id: string): EngineContainer | undefined {
    for (const engine of this.#engines) {
      const found = engine.containers.get(id);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Version of the first engine that told one. */
  get version(): string {
    return this.#engines.find((engine) => engine.version !== "")?.version ?? "";
  }

  /**
   * Asks the engines where a container is new or what is known has aged; waits for new ones, never long.
   * @param present the containers there are, with the inodes of their groups, which tell one start from the next
   */
  async refresh(present: ReadonlyMap<string, number>): Promise<void> {
    if (this.#engines.length === 0) return;
    const isNew = [...present].some(([id, inode]) => this.#asked.get(id) !== inode);
    const isOld = this.#clock.monotonic() - this.#refreshedAt >= FRESH_MS;
    if (this.#refreshing === undefined && (isNew || isOld)) this.#refreshing = this.#ask(new Map(present));
    if (!isNew || this.#isSlow || this.#refreshing === undefined) return;
    if ((await withinLimit(this.#clock, WAIT_MS, this.#refreshing)) === TIMED_OUT) this.#isSlow = true;
  }

  async #ask(present: ReadonlyMap<string, number>): Promise<void> {
    const began = this.#clock.monotonic();
    await Promise.all(this.#engines.map((engine) => engine.refresh(present)));
    for (const id of this.#asked.keys()) if (!present.has(id)) this.#asked.delete(id);
    for (const [id, inode] of present) this.#asked.set(id, inode);
    this.#isSlow = this.#clock.monotonic() - began > WAIT_MS;
    this.#refreshedAt = this.#clock.monotonic();
    this.#refreshing = undefined;
    this.#tellAbsence(present.size);
  }

  /** One sentence for a host with containers and no engine to ask. */
  #tellAbsence(containers: number): void {
    if (this.#hasToldAbsence || containers === 0 || this.#engines.some((engine) => !engine.isAbsent)) return;
    this.#hasToldAbsence = true;
    const sockets = this.#engines.map((engine) => engine.socket).join(" ");
    this.#logger.info("No container engine answers: containers are shown without names and images", { sockets });
  }
}

/** One engine and what it last said. */
class Engine {
  readonly socket: string;
  readonly containers = new Map<string, EngineContainer>();
  version = "";
  isAbsent = false;
  readonly #client: EngineClient;
  readonly #clock: Clock;
  readonly #state: StateLog;
  readonly #sizeEveryMs: number;
  readonly #starts = new Map<string, Started & { readonly inode: number }>();
  #sizes = new Map<string, number>();
  #dataFolder: string | undefined;
  #sizedAt = Number.NEGATIVE_INFINITY;
  #isSizing = false;

  constructor(socket: string, sizeEveryMs: number, { rootfs, clock, logger }: EngineContext) {
    this.socket = socket;
    this.#client = new EngineClient(socket, rootfs, clock);
    this.#clock = clock;
    this.#sizeEveryMs = sizeEveryMs;
    this.#state = logOnChange(logger, `Asking the container engine at ${socket}`);
  }

  /** Never rejects: what is known stays when the engine does not answer. */
  async refresh(present: ReadonlyMap<string, number>): Promise<void> {
    try {
      const running = listed(await this.#client.get("/containers/json", ANSWER_MS));
      this.isAbsent = false;
      this.#merge(running);
      if (this.version === "") await this.#introduce();
      await this.#inspectNew(running, present);
      this.#merge(running);
      this.#state.worked();
    } catch (error) {
      this.isAbsent = isAbsence(error);
      if (!this.isAbsent) this.#state.failed(error instanceof Error ? error.message : String(error));
    }
    if (this.containers.size > 0) void this.#countBytes();
  }

  async #introduce(): Promise<void> {
    const facts = engineFacts(await this.#client.get("/info", ANSWER_MS));
    this.version = facts.version;
    this.#dataFolder = facts.dataFolder;
  }

  #merge(running: readonly ListedContainer[]): void {
    const ids = new Set(running.map(({ id }) => id));
    for (const id of this.containers.keys()) if (!ids.has(id)) this.containers.delete(id);
    for (const id of this.#starts.keys()) if (!ids.has(id)) this.#starts.delete(id);
    for (const container of running) {
      const start = this.#starts.get(container.id);
      this.containers.set(container.id, {
        ...container,
        image: start?.image ?? container.image,
        startedAt: start?.startedAt,
        isStartAsked: start !== undefined,
        restarts: start?.restarts ?? 0,
        variables: start?.variables ?? [],
        writtenBytes: this.#sizes.get(container.id),
        dataFolder: this.#dataFolder,
      });
    }
  }

  /** When a container was started, and how often, is told one by one; asked once per start. */
  async #inspectNew(running: readonly ListedContainer[], present: ReadonlyMap<string, number>): Promise<void> {
    const queue = running
      .map(({ id }) => id)
      .filter((id) => present.has(id) && this.#starts.get(id)?.inode !== present.get(id))
      .values();
    const work = async (): Promise<void> => {
      for (const id of queue) {
        // Where there is none, it is gone since the list was made, or the engine is: the next list tells.
        const answer = await this.#client.get(`/containers/${id}/json`, ANSWER_MS).catch(() => undefined);
        if (isObject(answer)) this.#starts.set(id, { ...startedOf(answer), inode: present.get(id)! });
        else if (!this.#starts.has(id)) this.#starts.set(id, UNTOLD);
      }
    };
    await Promise.all(Array.from({ length: INSPECTIONS }, work));
  }

  async #countBytes(): Promise<void> {
    const isDue = this.#clock.monotonic() - this.#sizedAt >= this.#sizeEveryMs;
    if (this.#sizeEveryMs === 0 || this.#isSizing || !isDue) return;
    this.#isSizing = true;
    try {
      const running = listed(await this.#client.get("/containers/json?size=1", SIZE_ANSWER_MS));
      this.#sizes = new Map(running.map(({ id, ownBytes }) => [id, ownBytes ?? 0]));
      this.#merge(running);
    } catch {
      // The list without sizes says what is wrong with the engine.
    } finally {
      this.#isSizing = false;
      this.#sizedAt = this.#clock.monotonic();
    }
  }
}

/** No socket there, or no one behind it: a host without this engine. */
const isAbsence = (error: unknown): boolean =>
  error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ECONNREFUSED");
