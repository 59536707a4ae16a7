import { WireWriter } from "@narthex/bytes";
import { Matcher } from "@narthex/model";
import fc from "fast-check";
import { expect, test } from "vitest";
import { acceptedTypes, readRequest } from "./read-request.ts";
import { restrictReadRequest } from "./restrict-read-request.ts";

const TEAM_A = [new Matcher("=", "team", "a"), new Matcher("=~", "env", "x|y")];

test("each query of a restricted request has the matchers, and otherwise the request is unchanged", () => {
  const time = fc.integer({ min: -1e12, max: 2e12 });
  const matcher = fc.record({ type: fc.integer({ min: 0, max: 5 }), name: fc.string(), value: fc.string() });
  const query = fc.record({ start: time, end: time, matchers: fc.array(matcher, { maxLength: 4 }), func: fc.string() });
  fc.assert(
    fc.property(fc.array(query, { maxLength: 4 }), fc.array(fc.integer({ min: 0, max: 3 })), (queries, types) => {
      const out = new WireWriter();
      for (const one of queries) {
        out.message(1, () => {
          out.int64(1, one.start);
          out.int64(2, one.end);
          for (const { type, name, value } of one.matchers) {
            out.message(3, () => {
              out.int64(1, type);
              out.string(2, name);
              out.string(3, value);
            });
          }
          out.message(4, () => {
            out.string(2, one.func);
            out.int64(3, one.start);
            out.int64(4, one.end);
          });
        });
      }
      for (const type of types) out.int64(2, type);
      const bytes = out.written.slice();
      const restricted = restrictReadRequest(bytes, TEAM_A);
      const added = [
        { type: 0, name: "team", value: "a" },
        { type: 2, name: "env", value: "x|y" },
      ];
      expect(readRequest(restricted)).toEqual(
        readRequest(bytes).map((one) => ({ ...one, matchers: [...added, ...one.matchers] })),
      );
      expect(acceptedTypes(restricted)).toEqual(acceptedTypes(bytes));
    }),
  );
});
