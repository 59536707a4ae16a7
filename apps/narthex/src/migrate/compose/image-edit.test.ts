import fc from "fast-check";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { editYaml, type TextEdit } from "./image-edit.ts";

/** Several YAML notations for a service with an image. `@` is replaced by the image name. */
const STYLES = [
  "  NAME:\n    image: @\n    command: [--a, 'b: c']\n",
  "  NAME:\n    # why\n    command: |\n      image: not this\n    image:   '@'   # pinned\n",
  '  NAME: {image: "@", ports: ["80:80"]}\n',
  "  NAME:\n\n      restart: always\n      image: &NAME-image @\n",
  '  NAME:\n    image:\n      @\n    labels:\n      - "x=1"\n',
];

const services = fc.array(
  fc.record({ style: fc.constantFrom(...STYLES), isOurs: fc.boolean(), comment: fc.stringMatching(/^[ -~]{0,20}$/) }),
  { minLength: 1, maxLength: 8 },
);

test("editYaml() changes only the values at the given places", () => {
  fc.assert(
    fc.property(services, fc.constantFrom("\n", "\r\n"), fc.boolean(), (list, ending, hasMark) => {
      const write = (imageOf: (i: number) => string): string => {
        const body = list
          .map(
            ({ style, comment }, i) => `${style.replaceAll("NAME", `s${i}`).replace("@", imageOf(i))}  # ${comment}\n`,
          )
          .join("");
        return `${hasMark ? "\ufeff" : ""}# head\nservices:\n${body}`.replaceAll("\n", ending);
      };
      const text = write((i) => `old/image:${i}`);
      const edits = list.flatMap(({ isOurs }, i): TextEdit[] => {
        if (!isOurs) return [];
        const before = text.slice(hasMark ? 1 : 0, text.indexOf(`old/image:${i}`));
        const line = before.split("\n").length;
        const last = before.split("\n").at(-1)!;
        const quotes = /["']$/.test(last) ? 1 : 0;
        return [{ kind: "replace", line, column: last.length - quotes + 1, text: `new/image:${i}` }];
      });
      const edited = editYaml(text, edits, "compose.yml");
      expect(edited).toBe(write((i) => `${list[i]!.isOurs ? "new" : "old"}/image:${i}`));
    }),
  );
});

test("editYaml() inserts a key on a separate line before a place", () => {
  const text = "services:\n  a:\n    # why\n    extends: {file: b.yml, service: a}\n    ports: []\n";
  const edited = editYaml(text, [{ kind: "insert", line: 4, column: 5, text: "image: x/y" }], "compose.yml");
  expect(edited).toBe(text.replace("    extends", "    image: x/y\n    extends"));
  expect((parse(edited) as { services: { a: object } }).services.a).toMatchObject({ image: "x/y" });
});

test.each([
  ["replace", "a: |\n  prom\n", 1, 4, /compose.yml:1:4: .*on one line/],
  ["insert", "a: {b: c}\n", 1, 5, /compose.yml:1:5: .*each of its keys on a separate line/],
] as const)("editYaml() refuses to %s in %j by file, line and hint", (kind, text, line, column, message) => {
  expect(() => editYaml(text, [{ kind, line, column, text: "x" }], "compose.yml")).toThrow(message);
});
