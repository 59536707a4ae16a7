import fc from "fast-check";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import YamlCode from "./YamlCode.tsx";

const textOf = (html: string): string => {
  const element = document.createElement("div");
  element.innerHTML = html;
  return element.textContent ?? "";
};

const line = fc.constantFrom(
  "global:",
  "  scrape_interval: 5s",
  "- job_name: node # the host",
  "    - targets: ['a:9100']",
  '  "quoted key": "a: b"',
  "# a comment",
  "",
  "  key with spaces: |-",
  "  <b>&amp;</b>",
  "{[}",
);

test("the text is exactly the document, even if it is not valid YAML", () => {
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      const yaml = lines.join("\n");
      expect(textOf(renderToStaticMarkup(<YamlCode yaml={yaml} />))).toBe(yaml);
    }),
  );
});

test("keys, values and comments have different classes", () => {
  const html = renderToStaticMarkup(<YamlCode yaml={"interval: 5s # often\non: true\nname: 'x'\n"} />);
  const classes = [...html.matchAll(/class="[^"]*?(keyword|key|number|string|comment)[^"]*">([^<]*)/g)];
  expect(classes.map(([, kind, text]) => `${kind} ${text}`)).toEqual([
    "key interval",
    "number 5s",
    "comment # often",
    "key on",
    "keyword true",
    "key name",
    "string &#x27;x&#x27;",
  ]);
});
