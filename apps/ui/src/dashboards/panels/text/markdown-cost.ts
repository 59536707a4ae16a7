/**
 * Maximum rendering cost of a text, as computed by `costOf`. The slowest text with this cost takes about two seconds;
 * 200,000 characters of ordinary paragraphs cost less.
 */
const MAX_COST = 1e8;

/**
 * Matches characters at which the Markdown parser looks ahead, in the worst case to the end of a block of lines: all
 * except letters, digits and blanks.
 */
const LOOKAHEAD = /[^\p{L}\p{N}\p{M} \t]|http|ftp/giu;
/** Matches the start of an HTML block. The parser copies the block unchanged, up to the next empty line. */
const HTML_BLOCK = /^ {0,3}<\/?(?:article|center|details|div|dl|h[1-6]|header|nav|ol|p|section|table|ul)[\s/>]/i;
/**
 * Matches the empty line that ends a run of lines. The parser's time is quadratic in the length of a run, and linear in
 * the number of runs.
 */
const RUN_END = /\n[ \t]*\n/g;

function costOf(run: string): number {
  if (HTML_BLOCK.test(run)) return 0;
  let signs = 0;
  LOOKAHEAD.lastIndex = 0;
  while (LOOKAHEAD.test(run)) signs++;
  return signs * run.length;
}

/** Returns how many characters of a Markdown text can be rendered within `MAX_COST`. */
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
