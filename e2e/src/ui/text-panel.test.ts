import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { launchBrowser, openPage } from "../support/headless-browser.ts";
import { lacks } from "../support/requirements.ts";
import { Workplace } from "../support/workplace.ts";

const app = fileURLToPath(new URL("../../../apps/ui", import.meta.url));

/** Builds the sanitiser of text panels as one script, which defines `rendering.safeHtml` in the page. */
async function builtSanitiser(workplace: Workplace): Promise<string> {
  const entry = `${app}/src/dashboards/panels/text/safe-html.ts`;
  const lib = { entry, formats: ["iife"], name: "rendering", fileName: "safe-html" };
  const config = { root: app, configFile: false, logLevel: "error", build: { outDir: workplace.path("built"), lib } };
  await promisify(execFile)(
    process.execPath,
    [
      "--input-type=module",
      "-e",
      `import { build } from "${app}/node_modules/vite/dist/node/index.js"; await build(${JSON.stringify(config)});`,
    ],
    { cwd: app },
  );
  return readFileSync(workplace.path("built/safe-html.iife.js"), "utf8");
}

/** Hostile texts, each with a pattern that must not match the rendered content. */
const hostile: readonly (readonly [text: string, forbidden: RegExp])[] = [
  ["<script>window.bad = 1</script>ok", /script/],
  ['<img src="x" onerror="window.bad = 1">', /onerror/],
  ['<a href="javascript:window.bad = 1">a</a>', /javascript/],
  ['<a href=" java\tscript:window.bad = 1">a</a>', /script:/],
  ["[a](javascript:window.bad=1)", /href="javascript/],
  ['<iframe src="https://example.org"></iframe>', /iframe/],
  ["<style>body { display: none }</style>", /style/],
  ['<form action="https://example.org"><input name="password"></form>', /<form|<input/],
  ["<svg><script>window.bad = 1</script></svg>", /script/],
  ['<math><mtext><img src="x" onerror="window.bad = 1"></mtext></math>', /onerror/],
  ['<p style="position: fixed; z-index: 9; background-image: url(https://x.test/a)">a</p>', /position|z-index|url/],
  ['<p id="root">a</p>', /id="root"/],
];

test.skipIf(lacks("browser"))(
  "a text panel shows Markdown and HTML without content that runs scripts, covers the page or loads files",
  { timeout: 120_000 },
  async () => {
    using workplace = new Workplace();
    const script = await builtSanitiser(workplace);
    await using browser = await launchBrowser();
    const { page } = await openPage(browser, "data:text/html,<title>text</title>");
    await page.addScriptTag({ content: script });
    const shown = (text: string, mode: "markdown" | "html"): Promise<string> =>
      page.evaluate<string>(`(() => {
        const host = document.createElement("div");
        host.append(rendering.safeHtml(${JSON.stringify(text)}, "${mode}"));
        document.body.append(host);
        return host.innerHTML;
      })()`);
    for (const [text, forbidden] of hostile) {
      expect(await shown(text, "markdown")).not.toMatch(forbidden);
      // Skips Markdown links, which stay plain text in HTML mode.
      if (!text.startsWith("[")) expect(await shown(text, "html")).not.toMatch(forbidden);
    }
    expect(await page.evaluate(() => (globalThis as { bad?: unknown }).bad)).toBeUndefined();

    expect(await shown("# Title\n\n**bold** [there](https://example.org)", "markdown")).toBe(
      '<h1>Title</h1>\n<p><strong>bold</strong> <a href="https://example.org" rel="noopener noreferrer">there</a></p>\n',
    );
    expect(await shown("|a|\n|-|\n|1|", "markdown")).toContain("<td>1</td>");
    expect(await shown('<p style="color: red; margin: 2px">a</p>', "html")).toContain("color: red; margin: 2px");
    expect(await shown('<a href="/d/x" target="top">a</a>', "html")).toContain('target="_blank"');
    // Deeply nested and long texts must be rendered in a short time.
    expect((await shown("> ".repeat(20_000), "markdown")).length).toBeGreaterThan(0);
    expect((await shown("[".repeat(5_000), "markdown")).length).toBeGreaterThan(4_000);
    // The panel must show the part that it does not render as source text, with a message.
    const slow = await shown("__a*".repeat(50_000), "markdown");
    expect(slow).toContain("The rest is shown as source text");
    expect(slow).toMatch(/(__a\*){40000}<\/pre>$/);
    expect(await shown("a ".repeat(100_001), "markdown")).toContain("The text is cut after 200,000 characters.");
  },
);
