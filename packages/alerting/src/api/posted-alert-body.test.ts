import { expect, test } from "vitest";
import { decodeAlerts } from "./posted-alert-body.ts";
import { decodeSilence } from "./posted-silence-body.ts";

const refusal = (decode: () => unknown): string => {
  try {
    decode();
    return "";
  } catch (error) {
    return (error as Error).message.replace(/^parsing \w+ body from "" failed, because /, "");
  }
};

test.each([
  ["", "alerts in body is required"],
  ["{}", "json: cannot unmarshal object into Go value of type models.PostableAlerts"],
  ['[{"labels":{"a":1}}]', "json: cannot unmarshal number into Go struct field Alert.labels.a of type string"],
  [
    '[{"labels":{"a":"b"},"annotations":[]}]',
    "json: cannot unmarshal array into Go struct field .annotations of type models.LabelSet",
  ],
  ['[{"labels":{"a":"b"},"startsAt":"x"}]', 'parsing time "x" as "2006-01-02": cannot parse "x" as "2006"'],
  ['[{"labels":{"a":"b"},"startsAt":"2030-13-01"}]', 'parsing time "2030-13-01": month out of range'],
  ["[{}]", "0.labels in body is required"],
  [
    '[{"labels":{"a":"b"}},{"labels":{"a":"b"},"generatorURL":"::bad"}]',
    '1.generatorURL in body must be of type uri: "::bad"',
  ],
  ["[null]", "0 in body is required"],
])("decodeAlerts(%j) says %s", (text, message) => expect(refusal(() => decodeAlerts(text))).toBe(message));

test("decodeAlerts() reads names in any case, joins labels that are written twice, and stops after the list", () => {
  expect(decodeAlerts('[{"LABELS":{"a":"1"},"labels":{"b":"\\ud800"},"endsAt":null}] x')).toEqual([
    { labels: { a: "1", b: "\ufffd" }, annotations: {}, startsAt: NaN, endsAt: NaN, generatorUrl: "" },
  ]);
});

const SILENCE = '"startsAt":"2030-01-01T00:00:00Z","endsAt":"2031-01-01T00:00:00Z","createdBy":"me","comment":"c"';

test.each([
  [`{"matchers":[],${SILENCE}}`, "matchers in body should have at least 1 items"],
  [`{"matchers":[{"name":"a","value":"b"}],${SILENCE}}`, "matchers.0.isRegex in body is required"],
  [`{"matchers":[5],${SILENCE}}`, "json: cannot unmarshal number into Silence.matchers.0 of type models.Matcher"],
  [
    `{"matchers":[{"name":5}],${SILENCE}}`,
    "json: cannot unmarshal number into Go struct field Silence.matchers.0.name of type string",
  ],
  ["null", "comment in body is required"],
  ["", "silence in body is required"],
  [`{"comment":"c"}`, "createdBy in body is required"],
  [`{"comment":"c","createdBy":"me"}`, "endsAt in body is required"],
  [`{${SILENCE}}`, "matchers in body is required"],
  [`{"matchers":[{"name":"a","value":"b","isRegex":true}],${SILENCE},"startsAt":null}`, "startsAt in body is required"],
  [`{"matchers":[null],${SILENCE}}`, "matchers.0 in body is required"],
  [`{"matchers":[{"value":"b","isRegex":false}],${SILENCE}}`, "matchers.0.name in body is required"],
  [`{"matchers":[{"name":"a","isRegex":false}],${SILENCE}}`, "matchers.0.value in body is required"],
  [
    `{"matchers":{},${SILENCE}}`,
    "json: cannot unmarshal object into Go struct field Silence.matchers of type models.Matchers",
  ],
  [
    `{"matchers":[{"isRegex":1}],${SILENCE}}`,
    "json: cannot unmarshal number into Go struct field Silence.matchers.0.isRegex of type bool",
  ],
  ['{"id":1}', "json: cannot unmarshal number into Go struct field .id of type string"],
  [
    '{"annotations":1}',
    "json: cannot unmarshal number into Go struct field Silence.annotations of type models.LabelSet",
  ],
  [
    '{"annotations":{"a/b~c":1}}',
    "json: cannot unmarshal number into Go struct field Silence.annotations.a~1b~0c of type string",
  ],
  ["{", "unexpected EOF"],
  ["[]", 'json: cannot unmarshal array into Go value of type struct { ID string "json:\\"id,omitempty\\"" }'],
])("decodeSilence(%j) says %s", (text, message) => expect(refusal(() => decodeSilence(text))).toBe(message));

test("decodeSilence() reads all fields; a later member of the same name counts, and labels are joined", () => {
  const matcher = '{"name":"a","value":"b","isRegex":true,"isEqual":false}';
  const text = `{"ID":"1","annotations":{"x":"1","z":null},"annotations":{"y":"2"},"matchers":[],"matchers":[${matcher}],${SILENCE},"comment":"d","more":[]} x`;
  expect(decodeSilence(text)).toEqual({
    id: "1",
    annotations: { x: "1", y: "2", z: "" },
    matchers: [{ name: "a", value: "b", isRegex: true, isEqual: false }],
    startsAt: Date.parse("2030-01-01T00:00:00Z"),
    endsAt: Date.parse("2031-01-01T00:00:00Z"),
    createdBy: "me",
    comment: "d",
  });
  expect(decodeSilence(`{"matchers":[{"name":"a","value":"b","isRegex":false}],${SILENCE}}`)).toMatchObject({
    id: "",
    annotations: {},
    matchers: [{ isEqual: true }],
  });
});

/** Checks that the fast decoder for usual request bodies gives the same result as the exact decoder. */
test.each([
  '[{"labels":{"a":"b"}}]',
  '[{"labels":{"a":"b"},"annotations":{"c":"d"},"startsAt":"2030-01-01T00:00:00Z","endsAt":"","generatorURL":"http://x"}]',
  '[{"labels":{"a":"\\ud83d\\ude00"},"other":{"labels":1}}]',
  '[{"labels":{"a":"b"},"startsAt":"2030-01-01"},{"labels":{"c":"d"},"startsAt":"2030-01-01"}]',
  "[]",
])("decodeAlerts() reads %s the same in both ways", (text) => {
  expect(decodeAlerts(text)).toEqual(decodeAlerts(`${text} x`));
});

test.each([
  ["null", []],
  ['[{"Labels":{"a":"b"}}]', [{ a: "b" }]],
  ['[{"labels":{"a":"b"},"labels":{"c":"d"}}]', [{ a: "b", c: "d" }]],
  ['[{"labels":{"a":"\\udc00"}}]', [{ a: "\ufffd" }]],
  ['[{"labels":{"a":null}}]', [{ a: "" }]],
  ['[{"labels":{"a":"1"},"annotations":{"x":"1"},"annotations":{"x":"2"}}]', [{ a: "1" }]],
])("decodeAlerts(%s) has the labels %j, as Go reads them", (text, labels) => {
  expect(decodeAlerts(text).map((alert) => alert.labels)).toEqual(labels);
});

test("decodeAlerts() joins annotations that are written twice, of which the later one counts", () => {
  const text = '[{"labels":{"a":"1"},"annotations":{"x":"1","y":"1"},"annotations":{"x":"2"}}]';
  expect(decodeAlerts(text)[0]!.annotations).toEqual({ x: "2", y: "1" });
});

test("decodeAlerts() reports no details of a fault in a body of more than 4 MiB", () => {
  const labels = JSON.stringify({ a: "x".repeat(4 * 2 ** 20) });
  expect(decodeAlerts(`[{"labels":${labels}}]`)[0]!.labels["a"]!.length).toBe(4 * 2 ** 20);
  expect(refusal(() => decodeAlerts(`[{"labels":${labels}},{}]`))).toBe(
    "the body is larger than 4 MiB, and not all of it is alerts in plain JSON; send fewer alerts at once to see the position of the error",
  );
  const fits = `[{"labels":{"a":"${"x".repeat(4 * 2 ** 20 - 21)}"}}`;
  expect([fits.length, refusal(() => decodeAlerts(fits))]).toEqual([4 * 2 ** 20 - 1, "unexpected EOF"]);
});
