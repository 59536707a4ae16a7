import type { DataSource } from "./data-source.ts";
import * as sources from "./sources.ts";

/** The data source for queries that do not name a data source. */
export const defaultDataSource: DataSource = sources.prometheusDataSource;

/** All data sources, the default one first. */
export const dataSources: readonly DataSource[] = [...new Set([defaultDataSource, ...Object.values(sources)])];

/** Returns the data source with an id; the default one if the id is null or unknown. */
export const dataSourceOf = (id: string | null): DataSource =>
  dataSources.find((source) => source.id === id) ?? defaultDataSource;
