import { createContext, use } from "react";
import type { DataSource } from "./data-source.ts";
import { defaultDataSource } from "./registry.ts";

/** The source of the queries below. */
export const DataSourceContext = createContext<DataSource>(defaultDataSource);

/** The source of this component's queries. */
export const useDataSource = (): DataSource => use(DataSourceContext);
