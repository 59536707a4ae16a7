import type { Feature } from "@narthex/http";
import type { Context } from "../context.ts";
import { openSecretBox } from "../secrets/secret-box.ts";
import type { Stores } from "../state/stores.ts";
import type { FrontendPart } from "../web/frontend-settings.ts";
import type { PublicAddress } from "../web/public-address.ts";
import { pluginRoutes } from "./plugin-routes.ts";
import { SourceInstances } from "./source-instances.ts";
import { SourceProxy, proxyRoutes } from "./source-proxy.ts";
import { type SourceRecord, sourceListItem } from "./source-record.ts";
import { sourceRoutes } from "./source-routes.ts";
import { SourceStore } from "./source-store.ts";

/** The data sources: what is kept of them, and themselves. */
export interface Sources extends Feature {
  readonly store: SourceStore;
  readonly instances: SourceInstances;
  /** What the pages know of them. */
  readonly frontend: FrontendPart;
}

/** Rejects with StoreError, DataPathError. */
export async function openSources(context: Context, stores: Stores): Promise<Sources> {
  const box = await openSecretBox(context, stores);
  const store = await SourceStore.open(stores.store, box, context.clock);
  const instances = new SourceInstances(context, store, box);
  const proxy = new SourceProxy(context, instances);
  return {
    name: "data sources",
    store,
    instances,
    frontend: () => ({
      defaultDatasource: store.default?.name ?? "",
      datasources: Object.fromEntries(
        store.list().map((record) => [record.name, frontendView(record, context.address)]),
      ),
    }),
    metrics: [() => instances.desk.families()],
    routes({ app }) {
      sourceRoutes(app, store, instances);
      pluginRoutes(app, context);
      proxyRoutes(app, proxy, store);
    },
    async stop() {
      await instances.close();
    },
  };
}

/** A source for pages: they reach it through the proxy, so that where it is and as whom it is asked stays here. */
function frontendView(record: SourceRecord, { path }: PublicAddress): object {
  const { url: _url, user: _user, database: _database, ...item } = sourceListItem(record);
  return { ...item, url: `${path}/api/datasources/proxy/uid/${record.uid}`, meta: { id: record.type } };
}
