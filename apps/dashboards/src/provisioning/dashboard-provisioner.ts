import { readFile } from "node:fs/promises";
import type { Problem } from "@narthex/dashboards";
import { type Clock, type Logger, Mutex } from "@narthex/runtime";
import type { DashboardRecord } from "../dashboards/dashboard-record.ts";
import type { DashboardStore } from "../dashboards/dashboard-store.ts";
import { withLeastRefresh } from "../dashboards/refresh-limit.ts";
import type { FolderStore } from "../folders/folder-store.ts";
import { type DashboardFile, DashboardFiles, type Listing } from "./dashboard-files.ts";
import { dashboardOfFile } from "./dashboard-of-file.ts";
import type { Provider } from "./provider-files.ts";
import { ProvidedFolders } from "./provided-folders.ts";

export interface ProvisionerOptions {
  readonly dashboards: DashboardStore;
  readonly folders: FolderStore;
  /** Minimum refresh interval (setting `dashboards.min_refresh_interval`), ms. */
  readonly minRefreshMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Watched {
  readonly provider: Provider;
  readonly files: DashboardFiles;
  /** Files of the provider at the last scan; undefined if the folder could not be read. */
  listing: Listing | undefined;
  /** Logged problems by path. A problem is logged again only if the path's problem changes. */
  reported: ReadonlyMap<string, string>;
}

/** Uids and titles of the files that were read earlier in the same scan. Other files must not use them. */
interface Taken {
  readonly uids: Set<string>;
  /** Titles in use, each combined with its folder. */
  readonly titles: Set<string>;
}

/** Name of the author of provisioned objects. */
const PROVISIONING_USER = "provisioning";

/** Largest number of problems of a resource that are logged one by one. */
const MAX_LOGGED_PROBLEMS = 10;

/** Creates, updates and removes dashboards so that they match the files of providers. */
export class DashboardProvisioner {
  readonly #options: ProvisionerOptions;
  readonly #turns = new Mutex();
  #watched: readonly Watched[] = [];
  #cancels: (() => void)[] = [];

  constructor(options: ProvisionerOptions) {
    this.#options = options;
  }

  /** Sets the providers. Reads their files immediately, and again at intervals. */
  async setProviders(providers: readonly Provider[]): Promise<void> {
    this.stop();
    await this.#turns.runExclusive(async () => {
      this.#watched = providers.map((provider) => ({
        provider,
        files: new DashboardFiles(provider.path, provider.name),
        listing: undefined,
        reported: new Map(),
      }));
      await this.#scan(this.#watched);
      await this.#removeOrphans();
    });
    for (const watched of this.#watched) this.#schedule(watched);
  }

  stop(): void {
    for (const cancel of this.#cancels) cancel();
    this.#cancels = [];
  }

  #schedule(watched: Watched): void {
    const { clock, logger } = this.#options;
    const { intervalMs } = watched.provider;
    let isOver = false;
    let cancel = (): void => undefined;
    const rescan = (): void => {
      this.#turns
        .runExclusive(() => (isOver ? Promise.resolve() : this.#scan([watched])))
        .catch((error: unknown) => logger.error("Dashboards from files could not be saved", { err: error }))
        .finally(() => {
          if (!isOver) cancel = clock.after(intervalMs, rescan);
        });
    };
    cancel = clock.after(intervalMs, rescan);
    this.#cancels.push(() => {
      isOver = true;
      cancel();
    });
  }

  /**
   * Reads the files of providers. Dashboards are removed only after all existing files have been read. Rejects with
   * StoreError.
   */
  async #scan(some: readonly Watched[]): Promise<void> {
    const problems = new Map(some.map((watched) => [watched, new Map<string, string>()]));
    for (const watched of some) {
      // The listing is undefined if the folder cannot be read. Its dashboards then stay, because the folder may be
      // mounted later.
      watched.listing = await watched.files.list().catch((error: unknown) => {
        problems.get(watched)!.set(watched.provider.path, (error as Error).message);
        return undefined;
      });
    }
    const loaded = new Map<Watched, ReadonlySet<DashboardFile>>();
    for (const watched of some) loaded.set(watched, await this.#loadAll(watched, problems.get(watched)!));
    for (const watched of some) await this.#removeGone(watched, loaded.get(watched)!);
    for (const watched of some) this.#report(watched, problems.get(watched)!);
  }

  /** Saves the dashboards of a provider's changed files. Returns the files that could be loaded. */
  async #loadAll(watched: Watched, problems: Map<string, string>): Promise<ReadonlySet<DashboardFile>> {
    const { listing, provider } = watched;
    const loaded = new Set<DashboardFile>();
    if (listing === undefined) return loaded;
    for (const [path, problem] of listing.problems) problems.set(path, problem);
    const taken = { uids: new Set<string>(), titles: new Set<string>() };
    const folders = new ProvidedFolders(this.#options.folders, provider, PROVISIONING_USER);
    for (const file of listing.files) {
      try {
        await this.#load(file, watched, { taken, folders });
        loaded.add(file);
      } catch (error) {
        problems.set(file.path, (error as Error).message);
      }
    }
    return loaded;
  }

  /** Saves the dashboard of a file if the file has changed. Rejects with the reason if the file is skipped. */
  async #load(
    file: DashboardFile,
    watched: Watched,
    { taken, folders }: { readonly taken: Taken; readonly folders: ProvidedFolders },
  ): Promise<void> {
    const { dashboards, minRefreshMs, logger } = this.#options;
    const { provider } = watched;
    const before = dashboards.byUid(file.uid);
    const owner = before?.provisioned;
    if (taken.uids.has(file.uid) || (owner !== undefined && this.#isOthers(owner.provider, file.uid, watched))) {
      throw new Error(`the same UID is used more than once: ${file.uid}`);
    }
    const folderUid = await folders.uidOf(file);
    const title = `${folderUid}\n${file.title}`;
    if (taken.titles.has(title)) throw new Error(`dashboard title is not unique in folder: ${file.title}`);
    taken.uids.add(file.uid);
    taken.titles.add(title);
    const provisioned = {
      provider: provider.name,
      file: file.name,
      checksum: file.checksum,
      folderUid,
      allowUiUpdates: provider.allowUiUpdates,
    };
    const restriction = provider.adminsOnly ? { isForAdmins: true } : {};
    // While the file is unchanged, the changes that users have made to the dashboard stay, including its folder.
    if (owner?.checksum === file.checksum && owner.folderUid === folderUid) {
      const isSame = JSON.stringify(owner) === JSON.stringify(provisioned);
      const isClosing = restriction.isForAdmins === true && before?.isForAdmins !== true;
      if (!isSame || isClosing) {
        await dashboards.amend(file.uid, (record) => ({ ...record, provisioned, ...restriction }));
      }
      return;
    }
    const read = await dashboardOfFile(await readFile(file.path, "utf8"));
    this.#logProblems(file, read.problems);
    const { id: _id, ...json } = read.json;
    const slower = withLeastRefresh(json, minRefreshMs);
    if (slower !== undefined)
      logger.warn("A dashboard's refresh interval was raised to the shortest allowed one", { file: file.path });
    await dashboards.save({
      dashboard: { ...(slower ?? json), uid: file.uid },
      folderUid,
      message: "",
      overwrite: true,
      user: PROVISIONING_USER,
      provisioned,
      ...restriction,
    });
  }

  /** Logs the parts of a resource that were not converted unchanged. */
  #logProblems(file: DashboardFile, problems: readonly Problem[]): void {
    const { logger } = this.#options;
    for (const { path, message } of problems.slice(0, MAX_LOGGED_PROBLEMS))
      logger.warn("A part of a dashboard's resource was not converted unchanged", { file: file.path, path, message });
    const further = problems.length - MAX_LOGGED_PROBLEMS;
    if (further > 0)
      logger.warn(
        "Further parts of a dashboard's resource were not converted unchanged: import the file to list them",
        {
          file: file.path,
          further,
        },
      );
  }

  /** Reports whether a dashboard belongs to another provider, whose file exists or cannot be examined. */
  #isOthers(name: string, uid: string, than: Watched): boolean {
    const other = this.#watched.find((watched) => watched !== than && watched.provider.name === name);
    return other !== undefined && (other.listing === undefined || other.listing.uids.has(uid));
  }

  async #removeGone(watched: Watched, loaded: ReadonlySet<DashboardFile>): Promise<void> {
    const { dashboards, logger } = this.#options;
    const { provider, listing } = watched;
    if (listing === undefined) return;
    const read = new Set([...loaded].map(({ name }) => name));
    for (const record of dashboards.values()) {
      const from = record.provisioned;
      if (from?.provider !== provider.name || this.#isListed(record)) continue;
      // Keeps the dashboard of a file that exists but could not be loaded.
      if (!read.has(from.file) && !(await watched.files.isRemoved(from.file))) continue;
      logger.info("The file of a dashboard no longer exists", { file: from.file, uid: record.uid });
      if (provider.disableDeletion) await dashboards.amend(record.uid, withoutFile);
      else await dashboards.remove(record);
    }
  }

  /**
   * Removes the dashboards of removed providers, unless their files may be in a folder that currently cannot be read.
   */
  async #removeOrphans(): Promise<void> {
    const { dashboards } = this.#options;
    if (this.#watched.some(({ listing }) => listing === undefined)) return;
    const names = new Set(this.#watched.map(({ provider }) => provider.name));
    for (const record of dashboards.values()) {
      const isOrphan = record.provisioned !== undefined && !names.has(record.provisioned.provider);
      if (isOrphan && !this.#isListed(record)) await dashboards.remove(record);
    }
  }

  #isListed({ uid }: DashboardRecord): boolean {
    return this.#watched.some(({ listing }) => listing?.uids.has(uid) === true);
  }

  #report(watched: Watched, problems: ReadonlyMap<string, string>): void {
    for (const [path, problem] of problems) {
      if (watched.reported.get(path) === problem) continue;
      const context = { provider: watched.provider.name, file: path, err: problem };
      this.#options.logger.error("Provisioned files were not loaded", context);
    }
    watched.reported = problems;
  }
}

/** Returns a record without the reference to its file, so that it becomes an ordinary dashboard or folder. */
const withoutFile = <T extends { readonly provisioned?: unknown }>({
  provisioned: _gone,
  ...record
}: T): Omit<T, "provisioned"> => record;
