import { isDeepStrictEqual } from "node:util";
import {
  type DataSource,
  type DataSourceEnvironment,
  cloudSigner,
  type DataSourceSettings,
  Destinations,
  httpClientOf,
  openDataSource,
  QueryDesk,
  type SqlEngine,
  SqliteEngine,
} from "@narthex/datasources";
import { createHttpClient, type HttpClient } from "@narthex/http";
import type { Context } from "../context.ts";
import type { PluginRegistry } from "../plugins/plugin-registry.ts";
import type { SecretBox } from "../secrets/secret-box.ts";
import { settingsOf, type SourceRecord } from "./source-record.ts";
import type { SourceStore } from "./source-store.ts";

interface Opened {
  readonly name: string;
  readonly settings: DataSourceSettings;
  readonly source: DataSource;
  /**
   * HTTP client of the proxy, which sends the data source's credentials. The client is created when it is first used.
   */
  proxyClient?: Promise<HttpClient>;
}

/**
 * Plugin types of built-in data sources, by uid. They combine other data sources or generate data, and exist without
 * being added by a user.
 */
const BUILT_IN: Readonly<Record<string, string>> = {
  "-- Mixed --": "mixed",
  grafana: "grafana",
  "-- Grafana --": "grafana",
  "grafana-testdata": "grafana-testdata-datasource",
};

/**
 * The open data sources. A data source is opened when it is first used, and opened again after its settings have
 * changed.
 */
export class SourceInstances {
  readonly #store: SourceStore;
  readonly #box: SecretBox;
  readonly #context: Context;
  readonly #environment: DataSourceEnvironment;
  readonly #registry: PluginRegistry;
  readonly #opened = new Map<string, Opened>();
  readonly #builtIn = new Map<string, DataSource>();
  readonly desk: QueryDesk;
  /** Runs SQL expressions over the answers of data sources. */
  readonly sql: SqlEngine;
  readonly destinations: Destinations;

  constructor(
    context: Context,
    store: SourceStore,
    { box, registry }: { readonly box: SecretBox; readonly registry: PluginRegistry },
  ) {
    this.#context = context;
    this.#store = store;
    this.#box = box;
    this.#registry = registry;
    const { clock, build, metrics, settings } = context;
    this.desk = new QueryDesk({ clock });
    this.sql = new SqliteEngine({ clock, slots: this.desk.slots });
    const hosts = settings["security.data_source_proxy_whitelist"].split(/\s+/).filter((host) => host !== "");
    const allowsLinkLocal = settings["security.data_source_allow_link_local"];
    const maxAnswerBytes = settings["dataproxy.response_limit"];
    this.destinations = new Destinations({ hosts, allowsLinkLocal });
    this.#environment = {
      clock,
      desk: this.desk,
      userAgent: `narthex/${build.narthex}`,
      env: process.env,
      dials: metrics.dialers.of("datasources"),
      destinations: this.destinations,
      timeoutMs: settings["dataproxy.timeout"] * 1000,
      addedKind: registry.kindOf,
      ...(maxAnswerBytes > 0 && { maxAnswerBytes }),
    };
    store.onChange(() => this.#letGo());
    registry.onChange((types) => this.#letGo(types));
  }

  /**
   * Returns the record of the data source that a query names by uid, name or type. An empty reference means the default
   * data source. Returns undefined for a built-in or unknown one.
   */
  recordOf(reference: string): SourceRecord | undefined {
    return this.#store.referred(reference) ?? this.#ofType(reference);
  }

  /** Returns a built-in data source; undefined for any other reference. */
  builtIn(reference: string): DataSource | undefined {
    const kind = Object.hasOwn(BUILT_IN, reference) ? BUILT_IN[reference] : undefined;
    return kind === undefined ? undefined : this.#openBuiltIn(reference, kind);
  }

  #ofType(reference: string): SourceRecord | undefined {
    return this.#registry.kindOf(reference) === undefined ? undefined : this.#store.defaultOf(reference);
  }

  open(record: SourceRecord): { readonly source: DataSource } {
    return this.#open(record);
  }

  /**
   * Returns an HTTP client for the server of a data source. It sends requests with the data source's settings and
   * credentials.
   */
  proxyClient(record: SourceRecord): Promise<HttpClient> {
    const opened = this.#open(record);
    if (opened.proxyClient === undefined) {
      const { clock, dials } = this.#environment;
      const sign = cloudSigner(opened.settings, this.#environment);
      const options = { clock, dials, lookup: this.destinations.lookup, ...(sign !== undefined && { sign }) };
      opened.proxyClient = createHttpClient(httpClientOf(opened.settings), options);
      // A client that could not be created is not cached, because missing certificates may exist the next time.
      opened.proxyClient.catch(() => delete opened.proxyClient);
    }
    return opened.proxyClient;
  }

  #open(record: SourceRecord): Opened {
    const known = this.#opened.get(record.uid);
    if (known !== undefined) return known;
    const settings = this.#settingsOf(record);
    const opened = { name: record.name, settings, source: openDataSource(settings, this.#environment) };
    this.#opened.set(record.uid, opened);
    return opened;
  }

  #settingsOf(record: SourceRecord): DataSourceSettings {
    return settingsOf(record, this.#box, (key) =>
      this.#context.logger.error(
        "A stored secret cannot be decrypted: security.secret_key or the key file has changed",
        {
          source: record.name,
          key,
        },
      ),
    );
  }

  #openBuiltIn(uid: string, type: string): DataSource {
    let source = this.#builtIn.get(uid);
    if (source === undefined) {
      const none = { url: "", user: "", database: "", basicAuth: false, basicAuthUser: "", withCredentials: false };
      const settings = { uid, name: uid, type, ...none, jsonData: {}, secureJsonData: {} };
      source = openDataSource(settings, this.#environment);
      this.#builtIn.set(uid, source);
    }
    return source;
  }

  /**
   * Closes data sources that were removed or whose settings have changed. A data source whose record was written again
   * without a change stays open with its running queries, for example when provisioning files are reloaded.
   *
   * @param changed types of sources whose plugins have changed
   */
  #letGo(changed: ReadonlySet<string> = new Set()): void {
    for (const [uid, opened] of this.#opened) {
      const record = this.#store.byUid(uid);
      const isKept = record !== undefined && !changed.has(record.type);
      if (isKept && isDeepStrictEqual(this.#settingsOf(record), opened.settings)) continue;
      this.#opened.delete(uid);
      closeOpened(opened).catch((error: unknown) => {
        this.#context.logger.warn("A data source could not be closed", { source: opened.name, err: error });
      });
    }
  }

  async close(): Promise<void> {
    this.sql.close();
    const builtIn = [...this.#builtIn.values()].map((source) => source.close());
    await Promise.allSettled([...[...this.#opened.values()].map(closeOpened), ...builtIn]);
  }
}

async function closeOpened({ source, proxyClient }: Opened): Promise<void> {
  await source.close();
  await (await proxyClient)?.close();
}
