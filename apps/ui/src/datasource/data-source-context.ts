import { createContext, use } from "react";
import type { DataSource } from "./data-source.ts";
import { defaultDataSource } from "./registry.ts";

/** The data source that components inside this context query. */
export const DataSourceContext = createContext<DataSource>(defaultDataSource);

export const useDataSource = (): DataSource => use(DataSourceContext);
