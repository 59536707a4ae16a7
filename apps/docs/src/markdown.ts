import GithubSlugger from "github-slugger";
import markdownIt from "markdown-it";
import { siteHref } from "./source-pages.ts";

type MarkdownIt = ReturnType<typeof markdownIt>;
type Token = ReturnType<MarkdownIt["parse"]>[number];

/** What a reader can be led to: a heading with the text below it, or a row of a table of reference. */
export interface Section {
  /** The anchor on its page. */
  readonly id: string;
  readonly title: string;
  /** Of the heading, 1 to 6; 0 for a row. */
  readonly level: number;
  readonly text: string;
}

/** What is known of a page once it is rendered. */
export interface RenderedPage {
  readonly source: string;
  readonly sections: readonly Section[];
}

export interface MarkdownOptions {
  /** Sources that have a page. */
  readonly pages: ReadonlySet<string>;
  /** The source that is rendered, by what the generator hands over beside its text. */
  readonly sourceOf: (env: unknown) => string;
  readonly onPage: (page: RenderedPage) => void;
}

/**
 * Markdown as GitHub shows it, for pages of the site: headings have GitHub's anchors, links to sources lead to their pages,
 * wide tables scroll. No element gets a style of its own, which the pages' content policy refuses.
 */
export function siteMarkdown({ pages, sourceOf, onPage }: MarkdownOptions): MarkdownIt {
  const md = markdownIt({ html: true });
  md.core.ruler.push("site", ({ tokens, env }) => {
    const source = sourceOf(env);
    for (const token of tokens) alignByClass(token);
    for (const { children } of tokens) if (children !== null) resolveLinks(children, source, pages);
    onPage({ source, sections: markSections(tokens, /^docs\/(?:flags|reference)\//.test(source)) });
  });
  md.renderer.rules["table_open"] = () => '<div class="table" role="group" aria-label="Table" tabindex="0"><table>\n';
  md.renderer.rules["table_close"] = () => "</table></div>\n";
  return md;
}

/** The addresses that links and images of a text have, as they are written. */
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

/** Links that the site cannot follow are left as their text. */
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

/** Gives headings, and rows that begin with a name in code, their anchors. */
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
