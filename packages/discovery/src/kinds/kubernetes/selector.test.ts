import { expect, test } from "vitest";
import { fieldSelectorFault, labelSelectorFault } from "./selector.ts";

test.each(["", "a=b", "a=b,,c!=d,e==f,", "!a!=b", "a=b\\,c\\=\\\\", "a\\,b=c", "a="])(
  "field selector %j is valid",
  (selector) => expect(fieldSelectorFault(selector)).toBeUndefined(),
);

test.each([
  ["a", "invalid selector: 'a'; can't understand 'a'"],
  ["z,y=1", "invalid selector: 'z,y=1'; can't understand 'z'"],
  ["b=\\x,a=c=d", "invalid field selector: unescaped character in value: 61"],
  ["a=b\\x", "invalid field selector: invalid escape sequence: \\x"],
  ["a=b\\", "invalid field selector: invalid escape sequence: \\"],
])("field selector %j is refused: %s", (selector, fault) => expect(fieldSelectorFault(selector)).toBe(fault));

test.each([
  "",
  "a=b",
  "a in (b,c),!d,e,f notin (g),h!=i,j==k,l=",
  "a in (),b notin (,c,,)",
  "in in (in),notin",
  " a = b , !c ,d in ( e , f )",
  "example.com/a>5,b<1",
])("label selector %j is sound", (selector) => expect(labelSelectorFault(selector)).toBeUndefined());

const WHY =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
const NAME = `name part ${WHY} (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')`;

test.each([
  ["=a", "found '=', expected: !, identifier, or 'end of string'"],
  ["a,", "found '', expected: identifier after ','"],
  ["a=b=c", "found '=', expected: ',' or 'end of string'"],
  ["!a=b", "found '=', expected: ',' or 'end of string'"],
  ["!", "unable to parse requirement: found '', expected: identifier"],
  ["a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
  ["a in b", "unable to parse requirement: found 'b' expected: '('"],
  ["a in (b", "unable to parse requirement: found '', expected: ',' or ')'"],
  ["a in (=)", "unable to parse requirement: found '=', expected: ',', ')' or identifier"],
  ["a in (b,=)", "unable to parse requirement: found '=', expected: ',', or identifier"],
  ["a===", "unable to parse requirement: found '=', expected: identifier"],
  [
    "a>x",
    `unable to parse requirement: values[0]: Invalid value: "x": for 'Gt', 'Lt' operators, the value must be an integer`,
  ],
  ["-a=b", `unable to parse requirement: <nil>: Invalid value: "-a": ${NAME}`],
  ["a/=b", `unable to parse requirement: <nil>: Invalid value: "a/": name part must be non-empty; ${NAME}`],
  ["/z", 'unable to parse requirement: <nil>: Invalid value: "/z": prefix part must be non-empty'],
  [
    `${"a".repeat(64)}=b`,
    `unable to parse requirement: <nil>: Invalid value: "${"a".repeat(64)}": name part must be no more than 63 bytes`,
  ],
  [
    `a=${"b".repeat(64)}`,
    `unable to parse requirement: values[0][a]: Invalid value: "${"b".repeat(64)}": must be no more than 63 bytes`,
  ],
])("label selector %j is refused", (selector, fault) => expect(labelSelectorFault(selector)).toBe(fault));

test("several invalid values are reported together", () => {
  expect(labelSelectorFault("a in (_b,-c,d)")).toMatch(
    /^unable to parse requirement: \[values\[0\]\[a\]: Invalid value: "-c": .*, values\[1\]\[a\]: Invalid value: "_b": .*\]$/,
  );
});
