import { createHash } from "node:crypto";
import { type PanelPlugin, panelKindOf } from "@narthex/dashboards";
import { type DataSourceKind, dataSourceKind, pluginKind } from "@narthex/datasources";
import {
  type Plugin,
  PluginError,
  type PluginFolder,
  PluginThread,
  readPlugin,
  readPluginFolder,
} from "@narthex/plugins";
import type { Clock, Logger } from "@narthex/runtime";

interface RegistryOptions {
  readonly folder: string;
  /** Folder of a plugin that is being written. The folder may have any name. */
  readonly development?: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A loaded plugin. */
interface Loaded {
  readonly plugin: Plugin;
  /** Changes if the plugin's files change. */
  readonly revision: string;
  /** The kind of a plugin for sources, and the thread that runs it. */
  readonly source?: { readonly kind: DataSourceKind; readonly thread: PluginThread };
}

/** The plugins of a folder: kinds of data sources, and panels. */
export class PluginRegistry {
  readonly #options: RegistryOptions;
  readonly #loaded = new Map<string, Loaded>();
  readonly #listeners = new Set<(ids: ReadonlySet<string>) => void>();
  #problems: readonly string[] = [];

  constructor(options: RegistryOptions) {
    this.#options = options;
  }

  /** Reads the folder. Plugins whose files have not changed stay as they are. */
  load(): void {
    const { folder, development, logger } = this.#options;
    const { plugins, problems } = withDevelopment(readPluginFolder(folder), development);
    const clashes = plugins.flatMap(({ manifest: { id } }) => (isBuiltIn(id) ? [clash(folder, id)] : []));
    const usable = new Map(
      plugins.filter(({ manifest: { id } }) => !isBuiltIn(id)).map((one) => [one.manifest.id, one]),
    );
    const changed = new Set<string>();
    for (const [id, { source }] of this.#loaded) {
      const now = usable.get(id);
      if (now !== undefined && revisionOf(now) === this.#loaded.get(id)?.revision) continue;
      this.#loaded.delete(id);
      changed.add(id);
      void source?.thread.close();
    }
    for (const [id, plugin] of usable) {
      if (this.#loaded.has(id)) continue;
      this.#loaded.set(id, this.#open(plugin));
      changed.add(id);
      const { kind, version } = plugin.manifest;
      logger.info("A plugin was loaded", { plugin: id, kind, version });
    }
    this.#report([...problems, ...clashes]);
    if (changed.size > 0) for (const listener of this.#listeners) listener(changed);
  }

  /** Calls a function with the ids of plugins whose files have changed. */
  onChange(listener: (ids: ReadonlySet<string>) => void): void {
    this.#listeners.add(listener);
  }

  /** The kinds of data sources that plugins add. */
  get kinds(): readonly DataSourceKind[] {
    return [...this.#loaded.values()].flatMap(({ source }) => source?.kind ?? []);
  }

  /** Returns the kind of data sources of a type, which may be built in. */
  readonly kindOf = (type: string): DataSourceKind | undefined =>
    dataSourceKind(type) ?? this.#loaded.get(type)?.source?.kind;

  /** The panels that plugins add. */
  get panels(): readonly PanelPlugin[] {
    return [...this.#loaded.values()].flatMap(({ plugin: { manifest }, revision }) => {
      const { id, kind, name, description, options } = manifest;
      return kind === "panel" ? [{ id, name, description, revision, options }] : [];
    });
  }

  /** Returns the module of a panel's plugin, or undefined for an unknown id. */
  panelCode(id: string): string | undefined {
    const loaded = this.#loaded.get(id);
    return loaded?.plugin.manifest.kind === "panel" ? loaded.plugin.code : undefined;
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.#loaded.values()].flatMap(({ source }) => source?.thread.close() ?? []));
  }

  #open(plugin: Plugin): Loaded {
    const revision = revisionOf(plugin);
    const { manifest, code } = plugin;
    if (manifest.kind === "panel") return { plugin, revision };
    const { clock, logger } = this.#options;
    const log = (line: string): void => logger.debug("A plugin has logged a line", { plugin: manifest.id, line });
    const thread = new PluginThread({ clock, id: manifest.id, code, log });
    return { plugin, revision, source: { kind: pluginKind(manifest, thread), thread } };
  }

  /** Logs problems that are new since the last reading of the folder. */
  #report(problems: readonly string[]): void {
    for (const problem of problems)
      if (!this.#problems.includes(problem))
        this.#options.logger.warn("A folder contains no plugin that can be used", { problem });
    this.#problems = problems;
  }
}

/** Adds the plugin that is being written, in place of an installed plugin with its id. */
function withDevelopment({ plugins, problems }: PluginFolder, folder: string | undefined): PluginFolder {
  if (folder === undefined) return { plugins, problems };
  try {
    const own = readPlugin(folder);
    return { plugins: [...plugins.filter(({ manifest: { id } }) => id !== own.manifest.id), own], problems };
  } catch (error) {
    if (!(error instanceof PluginError)) throw error;
    return { plugins, problems: [...problems, error.message] };
  }
}

const revisionOf = ({ manifest, code }: Plugin): string =>
  createHash("sha256")
    .update(JSON.stringify([manifest, code]))
    .digest("hex")
    .slice(0, 16);

const isBuiltIn = (id: string): boolean => dataSourceKind(id) !== undefined || panelKindOf(id) !== undefined;

const clash = (folder: string, id: string): string =>
  `${folder}/${id}: the id "${id}" belongs to a kind that is built in; give the plugin another id`;
