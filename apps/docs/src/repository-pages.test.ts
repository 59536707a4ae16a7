import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { LinkError, repositoryPages } from "./repository-pages.ts";

function checkout(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), "docs-checkout-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(root, path, ".."), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

test("repository files to which docs/ links become pages: Markdown is rendered, other files and folders are shown as code", () => {
  const root = checkout({
    "docs/one.md": "[a](two.md) [b](../NOTES.md#x) [c](../deploy/small) [d](../bin/run)",
    "docs/two.md": "[again](../NOTES.md) [elsewhere](https://example.org/)",
    "NOTES.md": "# Notes\n",
    "deploy/small/b/two.yaml": "b: 2\n",
    "deploy/small/one.txt": "has\n```\nin it",
    "bin/run": "#!/bin/sh\n",
  });
  expect(repositoryPages(root)).toEqual([
    { source: "NOTES.md", markdown: "# Notes\n" },
    { source: "bin/run", markdown: "# bin/run\n\n```text\n#!/bin/sh\n```" },
    {
      source: "deploy/small",
      markdown:
        "# deploy/small\n\n## b/two.yaml\n\n```yaml\nb: 2\n```\n\n## one.txt\n\n````text\nhas\n```\nin it\n````",
    },
  ]);
});

test.each(["gone.md", "../gone", "../../outside.md"])("a link to %s is refused with its line number", (href) => {
  const root = checkout({ "docs/one.md": `# One\n\nIt is [there](${href}).\n` });
  expect(() => repositoryPages(root)).toThrow(LinkError);
  expect(() => repositoryPages(root)).toThrow(`docs/one.md:3: the link ${href} is broken`);
});
