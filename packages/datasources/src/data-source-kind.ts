import type { JsonObject, SourceKind, SourceSetting } from "@narthex/dashboards";
import type { UiRole } from "@narthex/http";
import type { DataSource, DataSourceSettings } from "./data-source.ts";
import type { DataSourceEnvironment } from "./environment.ts";
import type { ProxyRoute } from "./outgoing/proxy-routes.ts";

/** Paths of rules and alerts at a source's server, relative to the source's URL and without a leading slash. */
export interface RulePaths {
  /** List of the rules that the server evaluates, with their state. */
  readonly rules: string;
  /** List of the active alerts. */
  readonly alerts: string;
  /** The API by which clients change rule groups, for each subtype that Grafana's clients name. */
  readonly groups: ReadonlyMap<string, string>;
  /** The API by which clients change rule groups, if a client names no subtype or an unknown one. */
  readonly defaultGroups: string;
}

/** A kind of data source: its description for the web pages, and the function that opens a source of the kind. */
export interface DataSourceKind extends SourceKind {
  /** Requests that the proxy forwards to the source's server. */
  readonly routes: readonly ProxyRoute[];
  /** Paths of rules at the source's server. Absent for kinds without rules. */
  readonly rulePaths?: RulePaths;
  /** Default values of jsonData. */
  readonly defaults: JsonObject;
  /** Inputs of the form for a source's settings. Empty for sources without a server. */
  readonly settings: readonly SourceSetting[];
  /** The program whose web pages can be shown for sources of the kind. */
  readonly pages?: UiRole;
  /** Whether the kind is built in and no source of it can be added. */
  readonly isBuiltIn?: boolean;
  /** Opens a data source. Throws QueryFailure if the settings are invalid. */
  open(settings: DataSourceSettings, environment: DataSourceEnvironment): DataSource;
}

/** Returns the part of a kind that the pages need to draw dashboards. */
export function descriptionOf(kind: DataSourceKind): SourceKind {
  const { types, name, language, blankQuery, leastStepMs, features } = kind;
  const { alignsToZone, adHocFilters, variables, annotations, queryInputs } = kind;
  return {
    types,
    name,
    language,
    blankQuery,
    leastStepMs,
    features,
    ...(alignsToZone !== undefined && { alignsToZone }),
    ...(adHocFilters !== undefined && { adHocFilters }),
    ...(variables !== undefined && { variables }),
    ...(annotations !== undefined && { annotations }),
    ...(queryInputs !== undefined && { queryInputs }),
  };
}
