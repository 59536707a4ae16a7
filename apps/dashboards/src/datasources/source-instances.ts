import {
  type DataSource,
  type DataSourceEnvironment,
  dataSourceKind,
  type DataSourceSettings,
  Destinations,
  openDataSource,
  QueryDesk,
} from "@narthex/datasources";
import type { Context } from "../context.ts";
import type { SecretBox } from "../secrets/secret-box.ts";
import { settingsOf, type SourceRecord } from "./source-record.ts";
import type { SourceStore } from "./source-store.ts";

interface Opened {
  readonly record: SourceRecord;
  readonly settings: DataSourceSettings;
  readonly source: DataSource;
}

/** Kinds that are made of other sources, or answer by themselves: there is one of each, which nobody has to add. */
const BUILT_IN: Readonly<Record<string, string>> = {
  "-- Mixed --": "mixed",
  "grafana-testdata": "grafana-testdata-datasource",
};

/** Data sources as they are asked: opened at the first use, and anew when their settings change. */
export class SourceInstances {
  readonly #store: SourceStore;
  readonly #box: SecretBox;
  readonly #context: Context;
  readonly #environment: DataSourceEnvironment;
  readonly #opened = new Map<string, Opened>();
  readonly #builtIn = new Map<string, DataSource>();
  readonly desk: QueryDesk;
  /** Where sources may be. */
  readonly destinations: Destinations;

  constructor(context: Context, store: SourceStore, box: SecretBox) {
    this.#context = context;
    this.#store = store;
    this.#box = box;
    const { clock, build, metrics, settings } = context;
    this.desk = new QueryDesk({ clock });
    const hosts = settings["security.data_source_proxy_whitelist"].split(/\s+/).filter((host) => host !== "");
    const allowsLinkLocal = settings["security.data_source_allow_link_local"];
    const maxAnswerBytes = settings["dataproxy.response_limit"];
    this.destinations = new Destinations({ hosts, allowsLinkLocal });
    this.#environment = {
      clock,
      desk: this.desk,
      userAgent: `narthex/${build.narthex}`,
      dials: metrics.dialers.of("datasources"),
      destinations: this.destinations,
      timeoutMs: settings["dataproxy.timeout"] * 1000,
      ...(maxAnswerBytes > 0 && { maxAnswerBytes }),
      sourceOf: (reference) => this.referred(reference),
    };
    store.onChange(() => this.#letGo());
  }

  /** The source that a target names by uid, name or type alone; "" is the default one, undefined where there is none. */
  referred(reference: string): DataSource | undefined {
    const record = this.#store.referred(reference) ?? this.#ofType(reference);
    if (record !== undefined) return this.open(record).source;
    const kind = Object.hasOwn(BUILT_IN, reference) ? BUILT_IN[reference] : undefined;
    return kind === undefined ? undefined : this.#openBuiltIn(reference, kind);
  }

  #ofType(reference: string): SourceRecord | undefined {
    return dataSourceKind(reference) === undefined ? undefined : this.#store.defaultOf(reference);
  }

  open(record: SourceRecord): Opened {
    const known = this.#opened.get(record.uid);
    if (known !== undefined) return known;
    const settings = settingsOf(record, this.#box, (key) =>
      this.#context.logger.error("A stored secret does not open: security.secret_key or the key file has changed", {
        source: record.name,
        key,
      }),
    );
    const opened = { record, settings, source: openDataSource(settings, this.#environment) };
    this.#opened.set(record.uid, opened);
    return opened;
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

  /** Closes those that have changed or are gone. */
  #letGo(): void {
    for (const [uid, { record, source }] of this.#opened) {
      if (this.#store.byUid(uid) === record) continue;
      this.#opened.delete(uid);
      source.close().catch((error: unknown) => {
        this.#context.logger.warn("A data source could not be closed", { source: record.name, err: error });
      });
    }
  }

  async close(): Promise<void> {
    const all = [...[...this.#opened.values()].map(({ source }) => source), ...this.#builtIn.values()];
    await Promise.allSettled(all.map((source) => source.close()));
  }
}
