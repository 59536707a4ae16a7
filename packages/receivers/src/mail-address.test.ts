import fc from "fast-check";
import { expect, test } from "vitest";
import { AddressError, parseAddresses } from "./mail-address.ts";

test.each([
  ["a@b", ["a@b"]],
  [" Me <me@x.org>, you@x.org ", ["me@x.org", "you@x.org"]],
  ['"B, C" <b@y>, c@z (another)', ["b@y", "c@z"]],
  ["team: a@x, B <b@x>;, c@x", ["a@x", "b@x", "c@x"]],
  [", a@b,, c@d,", ["a@b", "c@d"]],
  ["Jörg Müller <jörg@müller.de>", ["jörg@müller.de"]],
  ['"a b"@x.org', ['"a b"@x.org']],
  ["root@[192.0.2.1]", ["root@[192.0.2.1]"]],
  ["John Q. Public <j@x>", ["j@x"]],
])("%j holds %j", (text, expected) => {
  expect(parseAddresses(text)).toEqual(expected);
});

test.each([
  ["", "mail: no address"],
  ["nobody", "mail: missing '@' or angle-addr"],
  ["nobody here", "mail: no angle-addr"],
  ["a@b c@d", "mail: expected comma"],
  ["A <a@b", "mail: unclosed angle-addr"],
  ["A <a>", "mail: missing @ in addr-spec"],
  ["a@b (open", "mail: misformatted parenthetical comment"],
  ["<a@b\r\nRCPT TO:<evil@x>>", "mail: unclosed angle-addr"],
])("%j is refused: %s", (text, message) => {
  expect(() => parseAddresses(text)).toThrow(new AddressError(message));
});

test("whatever comes, an address holds no line break and no angle", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...Array.from('ab@.<>\r\n"\\(),:; []é')) }), (text) => {
      try {
        for (const address of parseAddresses(text)) expect(address).not.toMatch(/[\r\n]/);
      } catch (error) {
        expect(error).toBeInstanceOf(AddressError);
      }
    }),
  );
});
