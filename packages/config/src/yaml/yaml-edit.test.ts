import { expect, test } from "vitest";
import { YamlEdit, YamlEditError } from "./yaml-edit.ts";

const FILE = `# The starter configuration.
#
#   global:
global:
  smtp_smarthost: 'mail.example.org:587' # the server
  secret: !env SECRET

route: &root
  receiver: on-call # the root
  group_by: [alertname, instance]
  repeat_interval: 012
  empty:
  none: ~
  routes:
    - {receiver: a, matchers: ['a="b"']}
    - text: |
        hello
          two
      <<: *root

# before the receivers
receivers:
  - name: on-call
    # inside
    email_configs: # nobody yet
  # before the second
  - name: a
# the end
`;

test("a change keeps all other text", () => {
  const edit = new YamlEdit(FILE);
  edit.set(["route", "receiver"], "a");
  edit.set(["receivers", 0, "email_configs", 0, "to"], "ann@example.org");
  edit.set(["receivers", 0, "email_configs", 0, "send_resolved"], true);
  edit.set(["receivers", 2, "name"], "true");
  expect(edit.print()).toBe(
    FILE.replace("receiver: on-call", "receiver: a")
      .replace(
        "    email_configs: # nobody yet\n",
        "    email_configs:\n      # nobody yet\n      # before the second\n      - to: ann@example.org\n        send_resolved: true\n",
      )
      .replace("  # before the second\n  - name: a\n", '  - name: a\n  - name: "true"\n\n'),
  );
});

test.each([
  ["indentation", "a:\n    b: 1\nc:\n    - d\n", "a:\n    b: y\nc:\n    - d\n"],
  ["lists without indentation", "a:\n  b: 1\nc:\n- d: e\n", "a:\n  b: y\nc:\n- d: e\n"],
  ["line ends of Windows", "a:\r\n  b: 1 # c\r\n\r\nd: e\r\n", "a:\r\n  b: y # c\r\n\r\nd: e\r\n"],
  ["lists in one line", "a: {b: 1}\nc: [d, {e: f}]\n", "a: {b: y}\nc: [d, {e: f}]\n"],
  ["padded lists", "a: { b: 1 }\nc: [ d ]\n", "a: { b: y }\nc: [ d ]\n"],
  ["a missing mapping", "c: d # e\n", "c: d # e\na:\n  b: y\n"],
  ["an empty mapping", "a: # why\nc: d\n", "a:\n  # why\n  b: y\nc: d\n"],
])("a change keeps %s", (_, text, expected) => {
  const edit = new YamlEdit(text);
  edit.set(["a", "b"], "y");
  // "y" is a bool of YAML 1.1, so it gets quotes.
  expect(edit.print()).toBe(expected.replace("b: y", 'b: "y"'));
});

test("texts that YAML would read as something else get quotes", () => {
  const edit = new YamlEdit("a: b\n");
  const texts = [
    "mail.example.org:587",
    "#alerts",
    "1",
    "a: b",
    "a:",
    "{{ x }}",
    "*a",
    'say "x"\n',
    "",
    "null",
    "x\u2028",
  ];
  for (const [i, text] of texts.entries()) edit.set(["list", i], text);
  const again = new YamlEdit(edit.print());
  expect(texts.map((_, i) => again.text(["list", i]))).toEqual(texts);
  expect(edit.print()).toContain('  - mail.example.org:587\n  - "#alerts"\n  - "1"\n');
});

test("the comment before a removed key stays", () => {
  const edit = new YamlEdit("a:\n  # one\n  b: 1\n  # two\n  c: 2\n  # three\n  d: 3\n");
  edit.remove(["a", "b"]);
  edit.remove(["a", "d"]);
  expect(edit.print()).toBe("a:\n  # one\n  # two\n  c: 2\n  # three\n");
});

test("values are read, and values that others share are recognised", () => {
  const edit = new YamlEdit("a: {b: yes, c: ~, d: '~'}\ne: &x {f: g}\nh: *x\ni: {<<: *x}\nj: !env K\nl: [1, 2]\n");
  expect([edit.flag(["a", "b"]), edit.text(["a", "c"]), edit.text(["a", "d"])]).toEqual([true, undefined, "~"]);
  expect([edit.count(["l"]), edit.count(["a"]), edit.has(["a", "c"]), edit.has(["z"])]).toEqual([2, 0, true, false]);
  expect(["a", "e", "h", "i", "j", "l", "z"].map((name) => edit.isPlain([name]))).toEqual([
    true,
    false,
    false,
    false,
    false,
    true,
    false,
  ]);
  expect(() => edit.set(["h", "f"], "x")).toThrow("h is an alias");
});

test.each(["a: [", "a: 1\n---\nb: 2\n", "- a\n", "", "a: 1\na: 2\n"])("%j cannot be edited", (text) => {
  expect(() => new YamlEdit(text)).toThrow(YamlEditError);
});
