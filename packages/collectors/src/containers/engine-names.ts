import { type Clock, type Logger, logOnChange, mapWithLimit, type StateLog } from "@narthex/runtime";
import { TIMED_OUT, withinLimit } from "../collection/time-limit.ts";
import { EngineClient } from "./engine-client.ts";
import { engineFacts, isObject, listed, type ListedContainer, type Started, startedOf } from "./engine-answers.ts";

export interface EngineContainer extends ListedContainer {
  /** Start time in Unix seconds; undefined until the engine has reported it. */
  readonly startedAt: number | undefined;
  /** Whether the engine was asked after the container's start. If false, the engine may still report a start time. */
  readonly isStartAsked: boolean;
  readonly restarts: number;
  /** Environment variables of the container as pairs. */
  readonly variables: readonly (readonly [name: string, value: string])[];
  /** Bytes that the container wrote into its own layer, or undefined until they were counted. */
  readonly writtenBytes: number | undefined;
  /** Folder of the engine's data on the host. */
  readonly dataFolder: string | undefined;
}

interface EngineContext {
  /** Value of --path.rootfs. */
  readonly rootfs: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Longest time in ms that a scrape waits for the names of new containers. */
const WAIT_MS = 300;
/** Age of the engine's data in ms after which the engine is asked again, because names and health can change. */
const FRESH_MS = 15_000;
const ANSWER_MS = 10_000;
/**
 * Time limit in ms of a request for container sizes. The limit is longer than for other requests, because the engine
 * walks the containers' files.
 */
const SIZE_ANSWER_MS = 180_000;
/** Placeholder for missing start data. No control group has its inode, so the next scrape asks the engine. */
const UNTOLD: Started & { readonly inode: number } = {
  image: undefined,
  startedAt: undefined,
  restarts: 0,
  variables: [],
  inode: -1,
};
/** Largest number of concurrent requests for the details of containers. */
const INSPECTIONS = 4;

/** Container names as the host's engines last reported them. A scrape does not wait for a slow engine. */
export class EngineNames {
  readonly #engines: readonly Engine[];
  readonly #clock: Clock;
  readonly #logger: Logger;
  /** Inodes of the containers' control groups at the last request to the engines, by container id. */
  readonly #asked = new Map<string, number>();
  #refreshing: Promise<void> | undefined;
  #refreshedAt = Number.NEGATIVE_INFINITY;
  #isSlow = false;
  #hasToldAbsence = false;

  /** @param sizeEveryMs interval in ms at which engines are asked for the disk usage of containers; 0 for never */
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

  /** Version of the first engine that reported one. */
  get version(): string {
    return this.#engines.find((engine) => engine.version !== "")?.version ?? "";
  }

  /**
   * Asks the engines if a container is new or if the data is old. Waits a limited time for names of new containers.
   * @param present the existing containers, with the inodes of their control groups (a different inode means a
   * different start)
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

  /** Logs one message if the host has containers but no engine that can be asked. */
  #tellAbsence(containers: number): void {
    if (this.#hasToldAbsence || containers === 0 || this.#engines.some((engine) => !engine.isAbsent)) return;
    this.#hasToldAbsence = true;
    const sockets = this.#engines.map((engine) => engine.socket).join(" ");
    this.#logger.info("No container engine answers: containers are shown without names and images", { sockets });
  }
}

/** One container engine, such as Docker, and the data that it returned last. */
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

  /**
   * Asks the engine for its containers. Never rejects: if the engine does not answer, keeps the data of earlier
   * answers.
   */
  async refresh(present: ReadonlyMap<string, number>): Promise<void> {
    try {
      const running = listed(await this.#client.get("/containers/json", ANSWER_MS));
      this.isAbsent = false;
      this.#merge(running);
      if (this.version === "") await this.#introduce();
      await this.#inspectNew(running, present);
      this.#merge(running);
      this.#state.succeeded();
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

  /** Asks for the start time and number of restarts of each container, once per start. */
  async #inspectNew(running: readonly ListedContainer[], present: ReadonlyMap<string, number>): Promise<void> {
    const ids = running
      .map(({ id }) => id)
      .filter((id) => present.has(id) && this.#starts.get(id)?.inode !== present.get(id));
    await mapWithLimit(ids, INSPECTIONS, async (id) => {
      // Ignores a missing answer. The container was removed or the engine has stopped, and the next list of containers
      // shows which.
      const answer = await this.#client.get(`/containers/${id}/json`, ANSWER_MS).catch(() => undefined);
      if (isObject(answer)) this.#starts.set(id, { ...startedOf(answer), inode: present.get(id)! });
      else if (!this.#starts.has(id)) this.#starts.set(id, UNTOLD);
    });
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
      // Ignores errors of the request for sizes, because the request without sizes reports problems of the engine.
    } finally {
      this.#isSizing = false;
      this.#sizedAt = this.#clock.monotonic();
    }
  }
}

/**
 * Returns whether the host does not have this engine: its socket does not exist, or no process listens on the socket.
 */
const isAbsence = (error: unknown): boolean =>
  error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ECONNREFUSED");
