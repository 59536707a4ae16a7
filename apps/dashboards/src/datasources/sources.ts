import type { Feature } from "@narthex/http";
import { visibleSourcesIn, type VisibleSourcesTo } from "../access/visible-sources.ts";
import { visitor } from "../auth/identity.ts";
import type { Context } from "../context.ts";
import type { PluginRegistry } from "../plugins/plugin-registry.ts";
import type { SecretKeys } from "../secrets/secret-keys.ts";
import type { Stores } from "../state/stores.ts";
import type { FrontendPart } from "../web/frontend-settings.ts";
import type { PublicAddress } from "../web/public-address.ts";
import { listedSourceRoutes } from "./listed-sources.ts";
import { pluginRoutes } from "./plugin-routes.ts";
import { SourceInstances } from "./source-instances.ts";
import { SourceProxy, proxyRoutes } from "./source-proxy.ts";
import { type SourceRecord, sourceListItem } from "./source-record.ts";
import { sourceRoutes } from "./source-routes.ts";
import { SourceStore } from "./source-store.ts";

export interface Sources extends Feature {
  readonly store: SourceStore;
  readonly instances: SourceInstances;
  readonly proxy: SourceProxy;
  /** Returns the data sources that a request's sender may query, with the sender's rights on them. */
  readonly visible: VisibleSourcesTo;
  /**
   * Returns the data sources to which a page links. On pages without a login, such as the one for unknown paths, these
   * are the data sources that every viewer may query.
   */
  readonly visibleOnPages: VisibleSourcesTo;
  readonly frontend: FrontendPart;
}

export async function openSources(
  context: Context,
  stores: Stores,
  { keys, registry }: { readonly keys: SecretKeys; readonly registry: PluginRegistry },
): Promise<Sources> {
  const { box } = keys;
  const store = await SourceStore.open(stores.store, box, context.clock);
  await sealAgain(context, store, keys);
  noteProxies(context);
  const instances = new SourceInstances(context, store, { box, registry });
  const proxy = new SourceProxy(context, instances);
  const visible = visibleSourcesIn({ store, instances });
  return {
    name: "data sources",
    store,
    instances,
    proxy,
    visible,
    visibleOnPages: visibleSourcesIn({ store, instances }, visitor("Viewer")),
    frontend(request) {
      const sources = visible(request).sources();
      return {
        defaultDatasource: sources.find(({ isDefault }) => isDefault)?.name ?? "",
        datasources: Object.fromEntries(sources.map((record) => [record.name, frontendView(record, context.address)])),
      };
    },
    metrics: [() => instances.desk.families()],
    routes({ app }) {
      sourceRoutes(app, { store, instances, visible });
      listedSourceRoutes(app, visible, registry);
      pluginRoutes(app, context, registry);
      proxyRoutes(app, proxy, visible);
    },
    async stop() {
      await instances.close();
    },
  };
}

/** Logs whether requests to data sources use a proxy that environment variables set. */
function noteProxies({ host, logger }: Context): void {
  const names = ["HTTP_PROXY", "HTTPS_PROXY"].flatMap((name) => [name, name.toLowerCase()]);
  const given = names.filter((name) => (host.env[name] ?? "") !== "");
  if (given.length === 0) return;
  logger.info("Data sources are queried through the proxy that the environment sets", {
    variables: given.join(", "),
    hint: "NO_PROXY lists the hosts that are reached without the proxy",
  });
}

/**
 * Encrypts all secrets with the current key, and removes keys that are no longer needed. Rejects with StoreError or
 * DataPathError.
 */
async function sealAgain({ logger }: Context, store: SourceStore, keys: SecretKeys): Promise<void> {
  const { sealed, unreadable } = await store.sealAgain();
  if (sealed > 0) logger.info("Stored secrets were encrypted again with the current key", { secrets: sealed });
  if (unreadable.length === 0) return keys.dropEarlier();
  logger.error("Stored secrets cannot be decrypted", {
    secrets: unreadable.join(", "),
    hint: "name the former security.secret_key in security.previous_secret_keys, or enter the secrets again",
  });
  return undefined;
}

/**
 * Returns a data source for the page settings. Its address and credentials are left out, because pages send their
 * queries through this server.
 */
function frontendView(record: SourceRecord, { path }: PublicAddress): object {
  const { url: _url, user: _user, database: _database, ...item } = sourceListItem(record);
  return { ...item, url: `${path}/api/datasources/proxy/uid/${record.uid}`, meta: { id: record.type } };
}
