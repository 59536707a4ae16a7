import GithubSlugger from "github-slugger";
import markdownIt from "markdown-it";
import { siteHref } from "./source-pages.ts";

type MarkdownIt = ReturnType<typeof markdownIt>;
type Token = ReturnType<MarkdownIt["parse"]>[number];

/** A section that the search can find: a heading with the text below it, or a table row of a reference page. */
export interface Section {
  /** Anchor of the section on its page. */
  readonly id: string;
  readonly title: string;
  /** Level of the heading, 1 to 6; 0 for a table row. */
  readonly level: number;
  readonly text: string;
}

export interface RenderedPage {
  readonly source: string;
  readonly sections: readonly Section[];
}

export interface MarkdownOptions {
  /** Paths of sources that have a page on the site. */
  readonly pages: ReadonlySet<string>;
  /** Returns the path of the source that is being rendered. `env` is the generator's environment. */
  readonly sourceOf: (env: unknown) => string;
  readonly onPage: (page: RenderedPage) => void;
}

/**
 * Returns a Markdown renderer with GitHub's rules: headings have GitHub's anchors, links to sources lead to their
 * pages, and wide tables can be scrolled. Elements have no style attributes, because the pages' content policy refuses
 * them.
 */
export function siteMarkdown({ pages, sourceOf, onPage }: MarkdownOptions): MarkdownIt {
  const md = markdownIt({ html: true });
  md.core.ruler.push("site", ({ tokens, env }) => {
    const source = sourceOf(env);
    for (const token of tokens) alignByClass(token);
    replaceEmptyHeaders(tokens);
    for (const { children } of tokens) if (children !== null) resolveLinks(children, source, pages);
    onPage({ source, sections: markSections(tokens, /^docs\/(?:flags|reference)\//.test(source)) });
  });
  md.renderer.rules["table_open"] = () => '<div class="table" role="group" aria-label="Table" tabindex="0"><table>\n';
  md.renderer.rules["table_close"] = () => "</table></div>\n";
  return md;
}

/** Returns the addresses of a text's links and images as they are written. */
export function linksOf(text: string): string[] {
  const addresses = (tokens: readonly Token[]): string[] =>
    tokens.flatMap((token) => [
      ...[token.attrGet("href"), token.attrGet("src")].filter((address) => address !== null),
      ...addresses(token.children ?? []),
    ]);
  return addresses(markdownIt({ html: true }).parse(text, {}));
}

function alignByClass(token: Token): void {
  const alignment = /^text-align:(\w+)$/.exec(token.attrGet("style") ?? "")?.[1];
  if (alignment === undefined) return;
  token.attrs = token.attrs!.filter(([name]) => name !== "style");
  token.attrJoin("class", alignment);
}

/** Makes data cells of header cells without a text, because a header names its column. */
function replaceEmptyHeaders(tokens: readonly Token[]): void {
  tokens.forEach((token, at) => {
    const [text, close] = [tokens[at + 1], tokens[at + 2]];
    if (token.type === "th_open" && text?.content === "" && close !== undefined) token.tag = close.tag = "td";
  });
}

/** Removes links whose target is not part of the site, but keeps the link's text. */
function resolveLinks(tokens: Token[], source: string, pages: ReadonlySet<string>): void {
  const isKept: boolean[] = [];
  const resolved = tokens.filter((token) => {
    if (token.type === "link_close") return isKept.pop();
    const name = token.type === "link_open" ? "href" : token.type === "image" ? "src" : undefined;
    if (name === undefined) return true;
    const address = siteHref(source, token.attrGet(name)!, pages);
    if (name === "href") isKept.push(address !== undefined);
    if (address === undefined) return false;
    token.attrSet(name, address);
    return true;
  });
  tokens.splice(0, tokens.length, ...resolved);
}

/** Adds anchors to headings. With `hasRows`, also adds anchors to table rows whose first cell is a name in code. */
function markSections(tokens: readonly Token[], hasRows: boolean): Section[] {
  const slugger = new GithubSlugger();
  const sections: { -readonly [Key in keyof Section]: Section[Key] }[] = [];
  let heading: (typeof sections)[number] | undefined;
  let row: (typeof sections)[number] | undefined;
  tokens.forEach((token, at) => {
    const { type, children } = token;
    if (type === "heading_open") {
      const title = textOf(tokens[at + 1]!.children ?? []);
      heading = { id: slugger.slug(title), title, level: Number(token.tag.slice(1)), text: "" };
      token.attrSet("id", heading.id);
      sections.push(heading);
    } else if (type === "tr_close") row = undefined;
    else if (type === "tr_open" && hasRows) {
      const name = tokens[at + 2]?.children?.[0];
      if (tokens[at + 1]?.type !== "td_open" || name?.type !== "code_inline") return;
      row = { id: slugger.slug(name.content), title: name.content, level: 0, text: "" };
      token.attrSet("id", row.id);
      sections.push(row);
    } else {
      const section = row ?? heading;
      const isTitle =
        tokens[at - 1]?.type === "heading_open" || (row !== undefined && tokens[at - 2]?.type === "tr_open");
      if (section === undefined || isTitle) return;
      const text = type === "inline" ? textOf(children ?? []) : type === "fence" ? token.content : "";
      if (text !== "") section.text += section.text === "" ? text : ` ${text}`;
    }
  });
  return sections;
}

const textOf = (tokens: readonly Token[]): string =>
  tokens
    .map(({ type, content, children }) => {
      if (type === "softbreak" || type === "hardbreak") return " ";
      if (type === "image") return textOf(children ?? []);
      return type === "text" || type === "code_inline" ? content : "";
    })
    .join("");
