import type { Clock } from "@narthex/runtime";
import type { Collection, ConditionalStore, Entry } from "@narthex/store";
import { newUid } from "../state/uids.ts";

interface ShortUrl {
  readonly uid: string;
  /** Path of the page to which the short URL leads, relative to the root, without a leading slash. */
  readonly path: string;
  readonly createdBy: string;
  /** Time of creation, epoch ms. */
  readonly createdAt: number;
  /** Start of the last day on which the URL was opened, epoch ms. Missing if the URL was never opened. */
  readonly seenAt?: number;
}

/** The properties of a short URL that are kept in memory, because the limits depend on them. */
interface KnownUrl {
  readonly createdBy: string;
  readonly characters: number;
  readonly expiresAt: number;
}

const NEVER = Number.MAX_SAFE_INTEGER;
const DAY_MS = 86_400_000;
/** Minimum time in ms between two removals of expired short URLs from the store. */
const CLEAN_UP_MS = 600_000;

export interface ShortUrlLimits {
  /** Time in ms after which a short URL expires if it is not opened. */
  readonly unseenMs: number;
  readonly maxUrls?: number;
  /** Maximum total number of characters in the paths of all short URLs. */
  readonly maxCharacters?: number;
}

const MAX_URLS = 10_000;
const MAX_CHARACTERS = 64 * 1024 * 1024;
/** Maximum number of short URLs that are removed at once, if the store exceeds the limits. */
const REMOVED_AT_ONCE = 10;

/**
 * The short URLs. Their paths are only in the store, not in memory. A short URL expires if it is not opened for some
 * time. Every user who may see dashboards can create any number of them. If a limit is exceeded, the least recently
 * used short URL of the user with the most is removed.
 */
export class ShortUrls {
  readonly #collection: Collection;
  readonly #clock: Clock;
  readonly #limits: Required<ShortUrlLimits>;
  /** All short URLs by uid. The least recently used one is first. */
  readonly #known = new Map<string, KnownUrl>();
  #characters = 0;
  #cleanedAt: number;

  private constructor(collection: Collection, clock: Clock, limits: ShortUrlLimits) {
    this.#collection = collection;
    this.#clock = clock;
    this.#limits = { maxUrls: MAX_URLS, maxCharacters: MAX_CHARACTERS, ...limits };
    this.#cleanedAt = clock.monotonic();
  }

  static async open(store: ConditionalStore, clock: Clock, limits: ShortUrlLimits): Promise<ShortUrls> {
    const urls = new ShortUrls(store.collection("short_urls"), clock, limits);
    urls.#collection.watch(({ put, removed, complete }) => {
      if (complete) for (const uid of urls.#known.keys()) urls.#forget(uid);
      for (const uid of removed) urls.#forget(uid);
      urls.#take(put);
    });
    await urls.#collection.dropExpired(clock.now());
    urls.#take(await urls.#collection.entries());
    return urls;
  }

  get size(): number {
    return this.#known.size;
  }

  /** Creates a short URL for a path. Resolves with its uid. Rejects with StoreError. */
  async add(path: string, createdBy: string): Promise<string> {
    const now = this.#clock.now();
    await this.#cleanUp(now);
    const made: ShortUrl = { uid: newUid(), path, createdBy, createdAt: now };
    const entry = toEntry(made, now + this.#limits.unseenMs);
    const removed = this.#dispensable(path.length);
    await this.#collection.change([entry], removed);
    for (const uid of removed) this.#forget(uid);
    this.#take([entry]);
    return made.uid;
  }

  /**
   * Returns the uids of short URLs to remove so that a path of this length can be added: the least recently used ones
   * of the user with the most. Returns at most REMOVED_AT_ONCE uids.
   */
  #dispensable(characters: number): string[] {
    const { maxUrls, maxCharacters } = this.#limits;
    let [urls, held] = [this.#known.size + 1, this.#characters + characters];
    if (urls <= maxUrls && held <= maxCharacters) return [];
    const counts = new Map<string, number>();
    for (const { createdBy } of this.#known.values()) counts.set(createdBy, (counts.get(createdBy) ?? 0) + 1);
    const [[most] = [""]] = [...counts].toSorted((a, b) => b[1] - a[1]);
    const found: string[] = [];
    for (const [uid, known] of this.#known) {
      if ((urls <= maxUrls && held <= maxCharacters) || found.length === REMOVED_AT_ONCE) break;
      if (known.createdBy !== most) continue;
      found.push(uid);
      [urls, held] = [urls - 1, held - known.characters];
    }
    return found;
  }

  /**
   * Returns the path of a short URL, and records that it was opened. Resolves with undefined if it is unknown or
   * expired. Rejects with StoreError.
   */
  async open(uid: string): Promise<string | undefined> {
    const now = this.#clock.now();
    const entry = await this.#collection.get(uid);
    if (entry === undefined || entry.expiresAt <= now) return undefined;
    const url = urlIn(entry);
    if (url === undefined) return undefined;
    if (now - (url.seenAt ?? -Infinity) >= DAY_MS) {
      const seen = toEntry({ ...url, seenAt: now }, NEVER);
      await this.#collection.put(seen);
      this.#take([seen]);
    }
    return url.path;
  }

  /** Adds short URLs to those in memory, in the order of their last use. */
  #take(entries: readonly Entry[]): void {
    const urls = entries.flatMap((entry) => {
      const url = urlIn(entry);
      return url === undefined ? [] : [{ ...url, expiresAt: entry.expiresAt }];
    });
    const usedAt = ({ createdAt, seenAt = createdAt }: ShortUrl): number => seenAt;
    for (const { uid, path, createdBy, expiresAt } of urls.toSorted((a, b) => usedAt(a) - usedAt(b))) {
      this.#forget(uid);
      this.#known.set(uid, { createdBy, characters: path.length, expiresAt });
      this.#characters += path.length;
    }
  }

  #forget(uid: string): void {
    this.#characters -= this.#known.get(uid)?.characters ?? 0;
    this.#known.delete(uid);
  }

  async #cleanUp(now: number): Promise<void> {
    if (this.#clock.monotonic() - this.#cleanedAt < CLEAN_UP_MS) return;
    this.#cleanedAt = this.#clock.monotonic();
    for (const [uid, { expiresAt }] of this.#known) if (expiresAt <= now) this.#forget(uid);
    await this.#collection.dropExpired(now);
  }
}

/** Parses a row of the store. Returns undefined if it has another format. */
function urlIn({ value }: Entry): ShortUrl | undefined {
  try {
    const url = JSON.parse(value) as Partial<ShortUrl> | null;
    const isUrl = typeof url?.uid === "string" && typeof url.path === "string" && typeof url.createdAt === "number";
    return isUrl ? (url as ShortUrl) : undefined;
  } catch {
    return undefined;
  }
}

const toEntry = (url: ShortUrl, expiresAt: number): Entry => ({
  key: url.uid,
  value: JSON.stringify(url),
  expiresAt,
});
