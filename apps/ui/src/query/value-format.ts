import { useQuery } from "@tanstack/react-query";
import { createContext, use } from "react";
import { plainFormat, type ValueFormat } from "../format/value-format.ts";

/** Provides the format of the values in the results of a query panel. */
export const ValueFormatContext = createContext(plainFormat);

export const useShownFormat = (): ValueFormat => use(ValueFormatContext);

/** Returns the format of values in a unit. Until its code is loaded, values are plain numbers. */
export function useValueFormat(unit: string): ValueFormat {
  const loaded = useQuery({
    queryKey: ["unit", unit],
    queryFn: async () => (await import("./unit-format.ts")).unitFormat(unit),
    enabled: unit !== "",
    staleTime: Infinity,
    structuralSharing: false,
  });
  return loaded.data ?? plainFormat;
}
