import { readFile } from "node:fs/promises";
import { type Clock, type Logger, Mutex } from "@narthex/runtime";
import type { DashboardJson, DashboardRecord } from "../dashboards/dashboard-record.ts";
import type { DashboardStore } from "../dashboards/dashboard-store.ts";
import { withLeastRefresh } from "../dashboards/refresh-limit.ts";
import type { FolderStore } from "../folders/folder-store.ts";
import { type DashboardFile, DashboardFiles, type Listing } from "./dashboard-files.ts";
import type { Provider } from "./provider-files.ts";
import { ProvidedFolders } from "./provided-folders.ts";

export interface ProvisionerOptions {
  readonly dashboards: DashboardStore;
  readonly folders: FolderStore;
  /** `dashboards.min_refresh_interval`. */
  readonly leastRefreshMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A provider whose files are looked at again and again. */
interface Watched {
  readonly provider: Provider;
  readonly files: DashboardFiles;
  /** What the last look found; undefined where the folder could not be read. */
  listing: Listing | undefined;
  /** What was told, by path; it is told again when it changes. */
  told: ReadonlyMap<string, string>;
}

/** What earlier files of a scan hold. */
interface Taken {
  readonly uids: Set<string>;
  /** Folder and title. */
  readonly places: Set<string>;
}

/** Whose name stands at what comes from files. */
const PROVISIONING_USER = "provisioning";

/** Keeps dashboards as the files of providers have them. */
export class DashboardProvisioner {
  readonly #options: ProvisionerOptions;
  readonly #turns = new Mutex();
  #watched: readonly Watched[] = [];
  #cancels: (() => void)[] = [];

  constructor(options: ProvisionerOptions) {
    this.#options = options;
  }

  /** Takes other providers, reads their files, and from then on again and again. */
  async setProviders(providers: readonly Provider[]): Promise<void> {
    this.stop();
    await this.#turns.runExclusive(async () => {
      this.#watched = providers.map((provider) => ({
        provider,
        files: new DashboardFiles(provider.path, provider.name),
        listing: undefined,
        told: new Map(),
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
        .catch((error: unknown) => logger.error("Dashboards of files could not be saved", { err: error }))
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

  /** Reads files of providers. Nothing goes before all that is there was looked at. Rejects with StoreError. */
  async #scan(some: readonly Watched[]): Promise<void> {
    const problems = new Map(some.map((watched) => [watched, new Map<string, string>()]));
    for (const watched of some) {
      // The folder may be mounted later: what came from it stays.
      watched.listing = await watched.files.list().catch((error: unknown) => {
        problems.get(watched)!.set(watched.provider.path, (error as Error).message);
        return undefined;
      });
    }
    const loaded = new Map<Watched, ReadonlySet<DashboardFile>>();
    for (const watched of some) loaded.set(watched, await this.#loadAll(watched, problems.get(watched)!));
    for (const watched of some) await this.#removeGone(watched, loaded.get(watched)!);
    for (const watched of some) this.#tell(watched, problems.get(watched)!);
  }

  /** Saves what has changed in a provider's files; those that could be. */
  async #loadAll(watched: Watched, problems: Map<string, string>): Promise<ReadonlySet<DashboardFile>> {
    const { listing, provider } = watched;
    const loaded = new Set<DashboardFile>();
    if (listing === undefined) return loaded;
    for (const [path, problem] of listing.problems) problems.set(path, problem);
    const taken = { uids: new Set<string>(), places: new Set<string>() };
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

  /** Saves a file's dashboard where it has changed. Rejects with why it is left out. */
  async #load(
    file: DashboardFile,
    watched: Watched,
    { taken, folders }: { readonly taken: Taken; readonly folders: ProvidedFolders },
  ): Promise<void> {
    const { dashboards, leastRefreshMs, logger } = this.#options;
    const { provider } = watched;
    const before = dashboards.byUid(file.uid);
    const owner = before?.provisioned;
    if (taken.uids.has(file.uid) || (owner !== undefined && this.#isOthers(owner.provider, file.uid, watched))) {
      throw new Error(`the same UID is used more than once: ${file.uid}`);
    }
    const folderUid = await folders.uidOf(file);
    const place = `${folderUid}\n${file.title}`;
    if (taken.places.has(place)) throw new Error(`dashboard title is not unique in folder: ${file.title}`);
    taken.uids.add(file.uid);
    taken.places.add(place);
    const provisioned = {
      provider: provider.name,
      file: file.name,
      checksum: file.checksum,
      folderUid,
      allowUiUpdates: provider.allowUiUpdates,
    };
    const restriction = provider.adminsOnly ? { isForAdmins: true } : {};
    // What users have saved since stays until the file changes, also where they have moved it.
    if (owner?.checksum === file.checksum && owner.folderUid === folderUid) {
      const isSame = JSON.stringify(owner) === JSON.stringify(provisioned);
      const isClosing = restriction.isForAdmins === true && before?.isForAdmins !== true;
      if (!isSame || isClosing) {
        await dashboards.amend(file.uid, (record) => ({ ...record, provisioned, ...restriction }));
      }
      return;
    }
    const { id: _id, ...json } = JSON.parse(await readFile(file.path, "utf8")) as DashboardJson;
    const slower = withLeastRefresh(json, leastRefreshMs);
    if (slower !== undefined)
      logger.warn("A dashboard's refresh interval is raised to the shortest", { file: file.path });
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

  /** Does another provider hold a dashboard: is its file still there, or not known to be gone? */
  #isOthers(name: string, uid: string, than: Watched): boolean {
    const other = this.#watched.find((watched) => watched !== than && watched.provider.name === name);
    return other !== undefined && (other.listing === undefined || other.listing.uids.has(uid));
  }

  /** Takes out what a provider's files held once and hold no longer. */
  async #removeGone(watched: Watched, loaded: ReadonlySet<DashboardFile>): Promise<void> {
    const { dashboards, logger } = this.#options;
    const { provider, listing } = watched;
    if (listing === undefined) return;
    const read = new Set([...loaded].map(({ name }) => name));
    for (const record of dashboards.values()) {
      const from = record.provisioned;
      if (from?.provider !== provider.name || this.#isListed(record)) continue;
      // A file that is there and was not loaded keeps what it had, whatever keeps it from being read now.
      if (!read.has(from.file) && !(await watched.files.isGone(from.file))) continue;
      logger.info("The file of a dashboard is gone", { file: from.file, uid: record.uid });
      if (provider.disableDeletion) await dashboards.amend(record.uid, withoutFile);
      else await dashboards.remove(record);
    }
  }

  /** Dashboards of providers that there are no longer. What a folder holds that cannot be read now may be theirs. */
  async #removeOrphans(): Promise<void> {
    const { dashboards } = this.#options;
    if (this.#watched.some(({ listing }) => listing === undefined)) return;
    const names = new Set(this.#watched.map(({ provider }) => provider.name));
    for (const record of dashboards.values()) {
      const isOrphan = record.provisioned !== undefined && !names.has(record.provisioned.provider);
      if (isOrphan && !this.#isListed(record)) await dashboards.remove(record);
    }
  }

  /** Does a file of any provider hold a dashboard? */
  #isListed({ uid }: DashboardRecord): boolean {
    return this.#watched.some(({ listing }) => listing?.uids.has(uid) === true);
  }

  /** Logs once for each change of what is wrong. */
  #tell(watched: Watched, problems: ReadonlyMap<string, string>): void {
    for (const [path, problem] of problems) {
      if (watched.told.get(path) === problem) continue;
      const context = { provider: watched.provider.name, file: path, err: problem };
      this.#options.logger.error("Provisioned files were left out", context);
    }
    watched.told = problems;
  }
}

/** The dashboard as one of users: its file is gone. */
const withoutFile = <T extends { readonly provisioned?: unknown }>({
  provisioned: _gone,
  ...record
}: T): Omit<T, "provisioned"> => record;
