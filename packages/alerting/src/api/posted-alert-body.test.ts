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
  ["[]", 'json: cannot unmarshal array into Go value of type struct { ID string "json:\\"id,omitempty\\"" }'],
])("decodeSilence(%j) says %s", (text, message) => expect(refusal(() => decodeSilence(text))).toBe(message));
