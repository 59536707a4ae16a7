import { useListing } from "../use-listing.ts";

const readNames = ({ fields }: { readonly fields: readonly { readonly name: string }[] }): readonly string[] =>
  fields.map(({ name }) => name);

/** Requests the names of a data source's fields. Returns none without a data source, and after an error. */
export const useFields = (uid: string | undefined): readonly string[] =>
  useListing({ uid, path: "fields", read: readNames });
