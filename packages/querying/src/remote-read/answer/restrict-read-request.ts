import { WireWriter } from "@narthex/bytes";
import type { Matcher } from "@narthex/model";
import { MATCH_TYPES } from "../read-messages.ts";
import { acceptedTypes, type ReadQuery, readRequest, type WrittenMatcher } from "./read-request.ts";

/**
 * Returns a remote read request whose queries select only series that the matchers accept. Throws QueryError
 * "bad-query" if the request is malformed.
 */
export function restrictReadRequest(bytes: Uint8Array, matchers: readonly Matcher[]): Uint8Array {
  const out = new WireWriter();
  const added = matchers.map(({ type, name, value }) => ({ type: MATCH_TYPES.indexOf(type), name, value }));
  for (const query of readRequest(bytes)) out.message(1, () => writeQuery(out, query, added));
  for (const type of acceptedTypes(bytes)) out.int64(2, type);
  return out.written.slice();
}

function writeQuery(
  out: WireWriter,
  { start, end, matchers, func }: ReadQuery,
  added: readonly WrittenMatcher[],
): void {
  out.int64(1, start);
  out.int64(2, end);
  for (const { type, name, value } of [...added, ...matchers]) {
    out.message(3, () => {
      out.int64(1, type);
      out.string(2, name);
      out.string(3, value);
    });
  }
  out.message(4, () => {
    out.string(2, func);
    out.int64(3, start);
    out.int64(4, end);
  });
}
