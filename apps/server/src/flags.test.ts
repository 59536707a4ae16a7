import { parseFlags } from "@narthex/runtime";
import fc from "fast-check";
import { expect, test } from "vitest";
import { flags } from "./flags.ts";

const read = (text: string) =>
  parseFlags(flags, [`--query.threads=${text}`], {
    readArgumentFile: () => "",
  });

test("--query.threads accepts 0 to 128, and the error for any other value states this range", () =>
  fc.assert(
    fc.property(fc.oneof(fc.integer({ min: -5, max: 300 }), fc.nat(), fc.string()).map(String), (text) => {
      const outcome = read(text);
      if (/^\d+$/.test(text) && Number(text) <= 128) {
        expect(outcome).toMatchObject({ kind: "parsed", flags: { values: { "query.threads": Number(text) } } });
      } else {
        expect(outcome).toMatchObject({
          kind: "error",
          message: expect.stringContaining(`expected a whole number from 0 to 128, got "${text}"`) as string,
        });
      }
    }),
  ));
