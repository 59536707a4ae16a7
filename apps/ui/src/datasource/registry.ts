import type { DataSource } from "./data-source.ts";
import * as sources from "./sources.ts";

/** Data source of queries without an explicit data source. */
export const defaultDataSource: DataSource = sources.prometheusDataSource;

/** All data sources, the default one first. */
export const dataSources: readonly DataSource[] = [...new Set([defaultDataSource, ...Object.values(sources)])];

/** Returns the data source with an id. The default is returned for null and unknown ids. */
export const dataSourceOf = (id: string | null): DataSource =>
  dataSources.find((source) => source.id === id) ?? defaultDataSource;
