import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { Renderer, sampleNotification } from "@narthex/receivers";
import { testCases, testSeed } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { Random } from "../../support/random.ts";
import { lacks, peers } from "../../support/requirements.ts";
import { Workplace } from "../../support/workplace.ts";

const TEMPLATES = Number(process.env["NARTHEX_TEMPLATES"] ?? testCases(100, 200));

const VALUES = [
  '"a"',
  '"a b"',
  '"<i>\'x\\"&"',
  '"`${x}`"',
  "1",
  '"javascript:x"',
  '"/p?q=1&r"',
  '"red"',
  '"it\'s; -- x"',
  '"a/b*c[d]"',
  '""',
  '(safeHtml "<u>")',
  '"a,b 2x"',
];

const SCRIPT = [
  ...'x = | + |; | / |/re/|/[/]x/g|"s"|"|\'|`|${|}|{|//|/* c */|/*|*/|return |f(|)|</b>|"</script>"|++|5.|it\'s|\n'.split(
    "|",
  ),
  " // c\n",
  "<!-- c\n",
  "-->",
];

const STYLE = [..."p { color: |; background: url(|)|\"|'|/* c */|/*|*/| }|url('|\")|\\41 |;".split("|"), "//c\n"];

const HTML = [
  ...'<b>|</b>|x < y|<!-- c -->|<!--|-->|<a href="|"|\'|<a href=\'|<p title=|<p title="|>| |<img srcset="'.split("|"),
  ...'<b onclick="f(|<b style="color: |?q=|#|&quot;|<br/>|<title>|</title>|<textarea>|</textarea>|&amp;'.split("|"),
  ...'<meta content="0; url=|<script>|</script>|<style>|</style>|<|=|<!doctype html>|<a data-href="|<i |</'.split("|"),
  '<script type="text/x">',
];

/** Generates a random Go HTML template: HTML, JavaScript, CSS and URLs, with template actions between them. */
function drawTemplate(random: Random): string {
  const [pieces, begin, end] = random.pick([
    [SCRIPT, "<script>", "</script>"],
    [SCRIPT, "<b onclick='", "'>"],
    [STYLE, "<style>", "</style>"],
    [HTML, "", ""],
  ] as const);
  const value = (): string => (random.chance(50) ? `{{ ${random.pick(VALUES)} }}` : "");
  const inside = Array.from({ length: 1 + random.below(7) }, () => random.pick(pieces) + value()).join("");
  return begin + (begin.endsWith("'") ? inside.replaceAll("'", "") : inside) + end;
}

test.skipIf(lacks("peers"))("values are escaped for their place in HTML as amtool does", () => {
  using workplace = new Workplace();
  const glob = workplace.write("empty.tmpl", "");
  const rendering = Renderer.load([], () => 0).for(sampleNotification("all", "http://am.example.org", 0));
  const ours = (template: string): string => {
    try {
      return rendering.html(template);
    } catch (error) {
      return `refused: ${(error as Error).message}`;
    }
  };
  const theirs = (template: string): string => {
    const args = [
      "template",
      "render",
      `--template.glob=${glob}`,
      "--template.type=html",
      `--template.text=${template}`,
    ];
    const { status, stdout, stderr } = spawnSync(join(peers, "amtool"), args, { encoding: "utf8" });
    return status === 0 ? stdout : `refused: ${stderr.trim().replace(/^amtool: error: /, "")}`;
  };
  const random = new Random(testSeed());
  const differences: string[] = [];
  let rendered = 0;
  for (let i = 0; i < TEMPLATES; i++) {
    const template = drawTemplate(random);
    const [mine, other] = [ours(template), theirs(template)];
    if (!other.startsWith("refused")) rendered++;
    if (mine !== other) differences.push(`${JSON.stringify(template)}\n  theirs ${other}\n  ours   ${mine}`);
  }
  expect(differences.slice(0, 5)).toEqual([]);
  expect(rendered).toBeGreaterThan(TEMPLATES / 10);
});
