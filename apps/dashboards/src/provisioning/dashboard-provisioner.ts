import { readFile } from "node:fs/promises";
import { type Clock, type Logger, Mutex } from "@narthex/runtime";
import type { DashboardJson } from "../dashboards/dashboard-record.ts";
import type { DashboardStore } from "../dashboards/dashboard-store.ts";
import type { FolderStore } from "../folders/folder-store.ts";
import { type DashboardFile, DashboardFiles } from "./dashboard-files.ts";
import type { Provider } from "./provider-files.ts";

export interface ProvisionerOptions {
  readonly dashboards: DashboardStore;
  readonly folders: FolderStore;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Whose name stands at what comes from files. */
const USER = "provisioning";

/** Keeps dashboards as the files of providers have them. */
export class DashboardProvisioner {
  readonly #options: ProvisionerOptions;
  readonly #turns = new Mutex();
  #providers: readonly { readonly provider: Provider; readonly files: DashboardFiles }[] = [];
  #cancels: (() => void)[] = [];
  /** What was told of a file or a provider; it is told again when it changes. */
  readonly #told = new Map<string, string>();

  constructor(options: ProvisionerOptions) {
    this.#options = options;
  }

  /** Takes other providers, reads their files, and from then on again and again. */
  async setProviders(providers: readonly Provider[]): Promise<void> {
    this.stop();
    this.#providers = providers.map((provider) => ({
      provider,
      files: new DashboardFiles(provider.path, provider.name),
    }));
    await this.#scan();
    await this.#removeOrphans();
    for (const provider of providers) this.#schedule(provider);
  }

  stop(): void {
    for (const cancel of this.#cancels) cancel();
    this.#cancels = [];
  }

  #schedule(provider: Provider): void {
    const { clock, logger } = this.#options;
    let isOver = false;
    let cancel = (): void => undefined;
    const rescan = (): void => {
      this.#scan(provider)
        .catch((error: unknown) => logger.error("Dashboards of files could not be saved", { err: error }))
        .finally(() => {
          if (!isOver) cancel = clock.after(provider.intervalMs, rescan);
        });
    };
    cancel = clock.after(provider.intervalMs, rescan);
    this.#cancels.push(() => {
      isOver = true;
      cancel();
    });
  }

  /** Reads the files of one provider, or of all. Rejects with StoreError. */
  #scan(only?: Provider): Promise<void> {
    return this.#turns.runExclusive(async () => {
      for (const { provider, files } of this.#providers) {
        if (only === undefined || provider === only) await this.#scanOne(provider, files);
      }
    });
  }

  async #scanOne(provider: Provider, files: DashboardFiles): Promise<void> {
    const { logger } = this.#options;
    const listing = await files.list().catch((error: unknown) => {
      // The folder may be mounted later: what came from it stays.
      this.#tell(provider.path, (error as Error).message, "The folder of a provider cannot be read", provider);
      return undefined;
    });
    if (listing === undefined) return;
    this.#told.delete(provider.path);
    for (const [path, problem] of listing.problems) this.#tell(path, problem, "A file holds no dashboard", provider);
    const loaded = new Set<string>();
    const titles = new Set<string>();
    for (const file of listing.files) {
      const problem = await this.#load(file, provider, { loaded, titles }).catch(
        (error: unknown) => (error as Error).message,
      );
      if (problem === undefined) this.#told.delete(file.path);
      else this.#tell(file.path, problem, "A dashboard was left out", provider);
    }
    for (const record of this.#options.dashboards.values()) {
      if (record.provisioned?.provider !== provider.name || loaded.has(record.uid)) continue;
      // A file that is there, but cannot be read now, keeps what it was.
      if ([...listing.problems.keys()].some((path) => path.endsWith(record.provisioned!.file))) continue;
      logger.info("The file of a dashboard is gone", { file: record.provisioned.file, uid: record.uid });
      if (provider.disableDeletion) await this.#options.dashboards.amend(record.uid, withoutFile);
      else await this.#options.dashboards.remove(record);
    }
  }

  /** Saves a file's dashboard where it has changed; why it cannot be, if so. Rejects with a refusal or StoreError. */
  async #load(
    file: DashboardFile,
    provider: Provider,
    { loaded, titles }: { readonly loaded: Set<string>; readonly titles: Set<string> },
  ): Promise<string | undefined> {
    const { dashboards } = this.#options;
    const before = dashboards.byUid(file.uid);
    const owner = before?.provisioned;
    const isOthers = owner !== undefined && owner.provider !== provider.name && this.#has(owner.provider);
    if (loaded.has(file.uid) || isOthers) return `the same UID is used more than once: ${file.uid}`;
    const folderUid = await this.#folderOf(file, provider);
    const place = `${folderUid}\n${file.title}`;
    if (titles.has(place)) return `dashboard title is not unique in folder: ${file.title}`;
    loaded.add(file.uid);
    titles.add(place);
    const provisioned = {
      provider: provider.name,
      file: file.name,
      checksum: file.checksum,
      allowUiUpdates: provider.allowUiUpdates,
    };
    if (before !== undefined && owner?.checksum === file.checksum && before.folderUid === folderUid) {
      const isSame = JSON.stringify(owner) === JSON.stringify(provisioned);
      if (!isSame) await dashboards.amend(file.uid, (record) => ({ ...record, provisioned }));
      return undefined;
    }
    const { id: _id, ...json } = JSON.parse(await readFile(file.path, "utf8")) as DashboardJson;
    await dashboards.save({
      dashboard: { ...json, uid: file.uid },
      folderUid,
      message: "",
      overwrite: true,
      user: USER,
      provisioned,
    });
    return undefined;
  }

  #has(name: string): boolean {
    return this.#providers.some(({ provider }) => provider.name === name);
  }

  /** The folder that a file's dashboard lies in, made where it is missing. */
  async #folderOf(file: DashboardFile, provider: Provider): Promise<string> {
    const { folders } = this.#options;
    if (provider.usesFolders) {
      let parentUid = "";
      for (const title of file.folders) parentUid = await this.#folder(title, parentUid, "");
      return parentUid;
    }
    if (provider.folderUid !== "") {
      const known = folders.byUid(provider.folderUid);
      return known?.uid ?? this.#folder(provider.folder || provider.folderUid, "", provider.folderUid);
    }
    return provider.folder === "" || provider.folder.toLowerCase() === "general"
      ? ""
      : this.#folder(provider.folder, "", "");
  }

  async #folder(title: string, parentUid: string, uid: string): Promise<string> {
    const { folders } = this.#options;
    const known = uid === "" ? folders.childrenOf(parentUid).find((folder) => folder.title === title) : undefined;
    return (known ?? (await folders.add({ uid, title, parentUid, user: USER }))).uid;
  }

  /** Dashboards of providers that there are no longer. */
  async #removeOrphans(): Promise<void> {
    const { dashboards } = this.#options;
    for (const record of dashboards.values()) {
      if (record.provisioned !== undefined && !this.#has(record.provisioned.provider)) await dashboards.remove(record);
    }
  }

  /** Logs once for each change of what is wrong. */
  #tell(path: string, problem: string, message: string, { name }: Provider): void {
    if (this.#told.get(path) === problem) return;
    this.#told.set(path, problem);
    this.#options.logger.error(message, { provider: name, file: path, err: problem });
  }
}

/** The dashboard as one of users: its file is gone. */
const withoutFile = <T extends { readonly provisioned?: unknown }>({
  provisioned: _gone,
  ...record
}: T): Omit<T, "provisioned"> => record;
