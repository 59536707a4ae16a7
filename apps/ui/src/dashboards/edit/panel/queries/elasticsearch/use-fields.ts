import { useQuery } from "@tanstack/react-query";
import { requestResource } from "../source-resource.ts";

const FRESH_MS = 60_000;
/** Largest number of suggested names. A browser cannot show more in a list. */
const MAX_NAMES = 2000;
const none: readonly string[] = [];

/** Requests the names of a data source's fields. Returns none without a data source, and after an error. */
export function useFields(uid: string | undefined): readonly string[] {
  const { data = none } = useQuery({
    enabled: uid !== undefined,
    staleTime: FRESH_MS,
    retry: false,
    queryKey: ["elasticsearch-fields", uid],
    queryFn: async ({ signal }) => {
      const answer = await requestResource<{ readonly fields: readonly { readonly name: string }[] }>(
        uid!,
        "fields",
        {},
        signal,
      );
      return answer.fields.slice(0, MAX_NAMES).map(({ name }) => name);
    },
  });
  return data;
}
