import type { SourceFile } from "../sources.ts";

/** Patterns of constructions that are often hard to read. A match is a hint, not an error. */
const CONSTRUCTIONS: readonly (readonly [name: string, pattern: RegExp])[] = [
  ["a clause is the subject", /^(?:What|Who|Whoever|Whose|Where|Those who)\b(?!.*\?$)/],
  ["tell: say report, return, log, show or contain", /\b(?:told|tells?|telling|untold)\b/],
  [
    "a rare word",
    /\b(?:anew|beside|thereof|hence|alike|whoever|nobody|somebody|whence|therein|thereby|aside|wherever)\b/,
  ],
  [
    "stand, lie or bear: say is, contains or has",
    /\b(?:stands?|stood|lies|lay|goes by|goes for|comes to nothing|comes about|bears)\b/,
  ],
  ["a part begins with of", /(?:^|; |: )[Oo]f [a-z]/],
  [
    "a pronoun without its noun",
    /^(?:It|They|This one|That|One|Those|Some|Both|Each|Few|Many|None|All) (?:is|are|was|were|has|have|had|may|must|can|could|will|would|does|do|stays?|comes?|ends?|gets?|goes|gives?|takes?|keeps?|makes?|that|who|of which|of them)\b/,
  ],
  ["so many: say the number of", /\b(?:so many|so much|as many as|as much as|as little as)\b/],
  ["where for if or when", /(?:, |^| )where (?:it|there|one|they|nothing|none|that|somebody|nobody|a|the) /],
  [
    "a relative clause is negated",
    /\b(?:that no|which no|that none|is none|are none|is no more than|nothing that|no one that)\b/,
  ],
];

/** Texts with fewer words are labels, not sentences. */
const MIN_WORDS = 4;

export interface Sentence {
  readonly path: string;
  /** Line of the comment or paragraph, counted from 1. */
  readonly line: number;
  readonly text: string;
}

/** Returns the names of the hard constructions in a sentence. */
export const oddConstructions = (sentence: string): string[] =>
  CONSTRUCTIONS.filter(([, pattern]) => pattern.test(sentence)).map(([name]) => name);

/** Splits a text into its sentences, without code and the tags of docstrings. */
function sentencesOf(text: string): string[] {
  const [prose = ""] = text
    .replace(/`[^`]*`/g, "CODE")
    .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .split(/\s@(?:param|returns|example|throws)/);
  return prose
    .split(/(?<=[.!?;])\s+(?=[A-Z`])/)
    .map((sentence) => sentence.trim())
    .filter((sentence) => sentence.split(/\s+/).length >= MIN_WORDS);
}

interface Passage {
  readonly line: number;
  readonly text: string;
}

export const sentencesOfSource = ({ path, lines }: Pick<SourceFile, "path" | "lines">): Sentence[] =>
  sentencesIn(path, commentsOf(lines));

/** Returns the sentences of the paragraphs, list items and table cells of a Markdown page. */
export const sentencesOfPage = (path: string, text: string): Sentence[] =>
  sentencesIn(path, paragraphsOf(text.split("\n")));

const sentencesIn = (path: string, passages: readonly Passage[]): Sentence[] =>
  passages.flatMap(({ line, text }) => sentencesOf(text).map((sentence) => ({ path, line, text: sentence })));

/** Returns the comments on lines without code. Adjacent `//` lines form one comment. */
function commentsOf(lines: readonly string[]): Passage[] {
  const comments: Passage[] = [];
  for (let i = 0; i < lines.length; i++) {
    const start = i;
    const isBlock = /^\s*\/\*\*/.test(lines[i]!);
    if (isBlock) while (i + 1 < lines.length && !lines[i]!.trimEnd().endsWith("*/")) i++;
    else if (/^\s*\/\//.test(lines[i]!)) while (/^\s*\/\//.test(lines[i + 1] ?? "")) i++;
    else continue;
    const text = lines
      .slice(start, i + 1)
      .map((line) => line.trim().replace(/^(?:\/\*\*|\/\/|\*(?!\/))\s?|\s*\*\/$/g, ""));
    comments.push({ line: start + 1, text: text.join(" ").trim() });
  }
  return comments;
}

function paragraphsOf(lines: readonly string[]): Passage[] {
  const passages: Passage[] = [];
  let isCode = false;
  let paragraph: Passage | undefined;
  for (const [i, raw] of lines.entries()) {
    const line = raw.trim();
    const isFence = /^(?:```|~~~)/.test(line);
    if (isFence) isCode = !isCode;
    const startsAnother = isFence || isCode || line === "" || /^(?:[-*#|]|\d+\.)/.test(line);
    if (startsAnother && paragraph !== undefined) passages.push(paragraph);
    if (startsAnother) paragraph = undefined;
    if (isFence || isCode || line === "" || line.startsWith("#")) continue;
    if (line.startsWith("|")) passages.push(...line.split("|").map((cell) => ({ line: i + 1, text: cell.trim() })));
    else {
      const text = line.replace(/^(?:[-*]|\d+\.)\s+/, "");
      paragraph = {
        line: paragraph?.line ?? i + 1,
        text: paragraph === undefined ? text : `${paragraph.text} ${text}`,
      };
    }
  }
  return paragraph === undefined ? passages : [...passages, paragraph];
}
