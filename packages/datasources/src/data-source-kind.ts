import type { JsonObject, SourceKind, SourceSetting } from "@narthex/dashboards";
import type { DataSource, DataSourceSettings } from "./data-source.ts";
import type { DataSourceEnvironment } from "./environment.ts";
import type { ProxyRoute } from "./outgoing/proxy-routes.ts";

/** A kind of data source: what the pages know about it, and how the server opens a source of the kind. */
export interface DataSourceKind extends SourceKind {
  /** Requests that the proxy forwards to the source's server. */
  readonly routes: readonly ProxyRoute[];
  /** Default values of jsonData. */
  readonly defaults: JsonObject;
  /** Inputs of the form for a source's settings. Empty for sources without a server. */
  readonly settings: readonly SourceSetting[];
  /** Whether the kind is built in and no source of it can be added. */
  readonly isBuiltIn?: boolean;
  /** Opens a data source. Throws QueryFailure if the settings are invalid. */
  open(settings: DataSourceSettings, environment: DataSourceEnvironment): DataSource;
}

/** Properties of a kind that only the server and the form for settings need. */
const NOT_DESCRIBED: ReadonlySet<string> = new Set(["routes", "defaults", "settings", "isBuiltIn", "open"]);

/** Returns the part of a kind that the pages need to draw dashboards. */
export const descriptionOf = (kind: DataSourceKind): SourceKind =>
  Object.fromEntries(Object.entries(kind).filter(([key]) => !NOT_DESCRIBED.has(key))) as unknown as SourceKind;
