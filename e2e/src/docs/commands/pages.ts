import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { lexer, type Token, type Tokens } from "marked";
import { root } from "../../support/running.ts";

/** A fenced code block of a Markdown page. */
export interface Block {
  /** Line number of the code block's first line in the page, counted from 1. */
  readonly line: number;
  readonly language: string;
  readonly text: string;
  /**
   * Name of the file to which the code block is written: the page names it in the sentence before the block, which ends
   * with a colon. Undefined if no file is named.
   */
  readonly file: string | undefined;
  /** YAML key in `file` under which the code block is inserted. */
  readonly under: string | undefined;
}

export interface Page {
  /** Path of the documentation page from the root of the repository. */
  readonly path: string;
  readonly blocks: readonly Block[];
}

/** Returns README.md and all pages of docs/, sorted. */
export function pages(): Page[] {
  const names = readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" });
  const paths = ["README.md", ...names.filter((name) => name.endsWith(".md")).map((name) => `docs/${name}`)];
  return paths.toSorted().map((path) => ({ path, blocks: blocksOf(readFileSync(join(root, path), "utf8")) }));
}

const NAMES_FILE = /`([\w./-]+\.[a-z]+)`(?:, under `(\w+)`)?[^`]*:$/;

/** Returns all fenced code blocks of a Markdown text, including those in lists. */
function blocksOf(markdown: string): Block[] {
  const blocks: Block[] = [];
  let from = 0;
  const visit = (tokens: readonly Token[]): void => {
    let before = "";
    for (const token of tokens) {
      if (token.type === "code" && (token as Tokens.Code).codeBlockStyle !== "indented") {
        const { lang = "", text } = token as Tokens.Code;
        from = markdown.indexOf(`\`\`\`${lang}`, from);
        const line = markdown.slice(0, from).split("\n").length + 1;
        from = markdown.indexOf("```", from + 3) + 3;
        const [, file, under] = NAMES_FILE.exec(before) ?? [];
        blocks.push({ line, language: lang, text, file, under });
      } else if (token.type === "list") {
        for (const item of (token as Tokens.List).items) visit(item.tokens);
      }
      if (token.type !== "space") before = token.raw.trim();
    }
  };
  visit(lexer(markdown));
  return blocks;
}
