/**
 * The work that one text may cost: about two seconds if the text was made to be slow. Ordinary paragraphs of 200,000
 * characters cost less, and so does a table of 500 rows.
 */
const MAX_COST = 1e8;

/** Signs at which the parser looks ahead, in the worst case to the end of the run: all but letters, digits and blanks. */
const LOOKAHEAD = /[^\p{L}\p{N}\p{M} \t]|http|ftp/giu;
/** HTML until the next empty line, which the parser takes over as it is. */
const HTML_BLOCK = /^ {0,3}<\/?(?:article|center|details|div|dl|h[1-6]|header|nav|ol|p|section|table|ul)[\s/>]/i;
/** An empty line ends a run of lines. The parser's time grows with the square of a run, and evenly with their number. */
const RUN_END = /\n[ \t]*\n/g;

function costOf(run: string): number {
  if (HTML_BLOCK.test(run)) return 0;
  let signs = 0;
  LOOKAHEAD.lastIndex = 0;
  while (LOOKAHEAD.test(run)) signs++;
  return signs * run.length;
}

/** Returns how much of a Markdown text can be rendered within bounded work: its length, or the index at which to stop. */
export function affordableLength(markdown: string): number {
  let left = MAX_COST;
  let begin = 0;
  RUN_END.lastIndex = 0;
  while (begin < markdown.length) {
    const end = RUN_END.exec(markdown)?.index ?? markdown.length;
    const cost = costOf(markdown.slice(begin, end));
    if (cost > left) {
      const most = begin + Math.floor((end - begin) * Math.sqrt(left / cost));
      const line = markdown.lastIndexOf("\n", most);
      return line > begin ? line : most;
    }
    left -= cost;
    begin = end === markdown.length ? end : RUN_END.lastIndex;
  }
  return markdown.length;
}
