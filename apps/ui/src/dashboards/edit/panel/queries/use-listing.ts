import { useQuery } from "@tanstack/react-query";
import { requestResource } from "./source-resource.ts";

const FRESH_MS = 60_000;
// One list for all calls, so that an answer that is missing causes no rendering.
const none: readonly never[] = [];

interface Listing<T> {
  /** Uid of the data source. Undefined if nothing is requested. */
  readonly uid: string | undefined;
  readonly path: string;
  readonly body?: object;
  /** Takes the entries from the answer. */
  readonly read: (answer: never) => readonly T[];
}

/** Requests a listing of a data source. Returns no entries without a data source, while the request runs, and after an error. */
export function useListing<T>({ uid, path, body = {}, read }: Listing<T>): readonly T[] {
  const { data } = useQuery({
    enabled: uid !== undefined,
    staleTime: FRESH_MS,
    retry: false,
    queryKey: ["source-listing", uid, path, body],
    queryFn: async ({ signal }) => read(await requestResource<never>(uid!, path, body, signal)),
  });
  return data ?? none;
}

/** Reads an answer with a list of names. */
export const readValues = (answer: { readonly values: readonly string[] }): readonly string[] => answer.values;
