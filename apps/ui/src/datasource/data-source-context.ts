import { createContext, use } from "react";
import type { DataSource } from "./data-source.ts";
import { defaultDataSource } from "./registry.ts";

/** The data source of the queries in the components inside. */
export const DataSourceContext = createContext<DataSource>(defaultDataSource);

/** Returns the data source of this component's queries. */
export const useDataSource = (): DataSource => use(DataSourceContext);
