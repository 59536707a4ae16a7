import type { Queryable, SeriesData } from "@narthex/storage";
import { queryableOf } from "../series-source.ts";

/** Returns a source of series that are in memory. */
export const inMemory = (all: readonly SeriesData[]): Queryable => queryableOf({ select: () => all });
