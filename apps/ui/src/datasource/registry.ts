import type { DataSource } from "./data-source.ts";
import * as sources from "./sources.ts";

/** The source of queries that name none. */
export const defaultDataSource: DataSource = sources.prometheusDataSource;

/** Every data source, the default one first. */
export const dataSources: readonly DataSource[] = [...new Set([defaultDataSource, ...Object.values(sources)])];

/** The source of an id; the default one where the id is null, or of a source that is not there any more. */
export const dataSourceOf = (id: string | null): DataSource =>
  dataSources.find((source) => source.id === id) ?? defaultDataSource;
